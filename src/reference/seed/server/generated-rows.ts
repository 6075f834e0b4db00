import { createHash } from 'node:crypto'
import type { Row } from '../../../target/connection.ts'
import { allBlocks, rowGenerator } from '../block.ts'
import { cellBound, writeCell, type CellValue } from '../file/cell.ts'
import { tableColumns } from '../file/table-columns.ts'
import type { Generation } from '../plan.ts'
import type { TableName } from '../scale.ts'

/** Consecutive rows of one table. */
export interface GeneratedRows {
  readonly table: TableName
  /** Number of the first; the others follow without gaps. */
  readonly firstRowid: number
  /** SHA-256 over their cells, of which digests are made. */
  readonly hash: Uint8Array
  /** The rows from a number on, as they are bound: the number, then the columns. */
  readonly from: (rowid: number) => Iterable<Row>
}

/** Generates all rows, in an order in which nothing refers to what comes later; holds those of one block. */
export function* generatedRows(generation: Generation): Generator<GeneratedRows> {
  const generate = rowGenerator(generation)
  for (const block of allBlocks(generation.counts)) {
    const tables: { table: TableName; firstRowid: number; rows: (readonly CellValue[])[] }[] = []
    generate(block, (table, firstRowid) => {
      const rows: (readonly CellValue[])[] = []
      tables.push({ table, firstRowid, rows })
      return (row) => void rows.push(row)
    })
    for (const { table, firstRowid, rows } of tables) {
      yield {
        table,
        firstRowid,
        hash: hashOf(table, firstRowid, rows),
        *from(rowid) {
          for (let at = Math.max(0, rowid - firstRowid); at < rows.length; at += 1)
            yield [firstRowid + at, ...rows[at]!.map(bound)]
        },
      }
    }
  }
}

/** A generated text is a byte a character. */
const bound = (value: CellValue): CellValue =>
  typeof value === 'string' ? Buffer.from(value, 'latin1').toString() : value

function hashOf(table: TableName, firstRowid: number, rows: readonly (readonly CellValue[])[]): Uint8Array {
  const hash = createHash('sha256')
  for (const [at, row] of rows.entries()) {
    const bytes = Buffer.allocUnsafe(cellBound(row))
    hash.update(bytes.subarray(0, writeCell(bytes, 0, firstRowid + at, tableColumns[table], row)))
  }
  return hash.digest()
}
