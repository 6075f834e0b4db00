import { createHash } from 'node:crypto'
import { cellBound, writeCell, type CellValue } from './file/cell.ts'
import { LeafPacker, scratchBytes, type PackedPages } from './file/leaf-pages.ts'
import type { TableName } from './scale.ts'
import { tableColumns } from './file/table-columns.ts'

/** One table's rows of a block, encoded. */
export interface EncodedRows {
  readonly table: TableName
  readonly rows: number
  /** SHA-256 over the cells of the rows in rowid order. */
  readonly hash: Uint8Array
  readonly packed: PackedPages
}

const varintEnd = (bytes: Buffer, start: number): number => {
  let offset = start
  while ((bytes[offset]! & 0x80) !== 0) offset += 1
  return offset + 1
}

/** Encodes consecutive rows of one table: hash and pages in one pass. */
export class BlockEncoder {
  readonly #table: TableName
  readonly #packer: LeafPacker
  readonly #hash = createHash('sha256')
  #length = 0
  #rows = 0
  #rowid: number

  constructor(table: TableName, firstRowid: number, memory: ArrayBuffer) {
    this.#table = table
    this.#rowid = firstRowid
    this.#packer = new LeafPacker(memory)
  }

  add(row: readonly CellValue[]): void {
    if (this.#length + cellBound(row) > scratchBytes) this.#flush(row)
    const { bytes } = this.#packer
    const start = this.#length
    const end = writeCell(bytes, start, this.#rowid, tableColumns[this.#table], row)
    const recordStart = varintEnd(bytes, varintEnd(bytes, start))
    this.#packer.add(start, recordStart, end, this.#rowid)
    this.#length = end
    this.#rowid += 1
    this.#rows += 1
  }

  finish(): EncodedRows {
    this.#flush([])
    return { table: this.#table, rows: this.#rows, hash: this.#hash.digest(), packed: this.#packer.finish() }
  }

  #flush(next: readonly CellValue[]): void {
    this.#hash.update(this.#packer.bytes.subarray(0, this.#length))
    this.#length = 0
    if (cellBound(next) > scratchBytes) throw new RangeError(`a row of ${this.#table} is too large to encode`)
  }
}
