import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { ForgebenchError, InterruptedError, UsageError } from '../../core/errors.ts'
import type { Row, SqlValue } from '../../target/connection.ts'
import { inspectFile } from '../../target/location.ts'
import { asTargetError } from '../../target/embedded-database.ts'
import { NativeConnection } from '../../target/native.ts'
import { blockRows } from './block.ts'
import { cellBound, writeCell, type CellValue } from './file/cell.ts'
import { DigestBuilder, type SeedDigest } from './digest.ts'
import { tableNames, totalRows, type TableName } from './scale.ts'
import { readSeedRecord, type SeedRecord } from './seed-record.ts'
import { tableColumns, type ColumnKind, type SeededColumn } from './file/table-columns.ts'

/** Whether the rows in a file are those that its record promises. */
export interface SeedVerification {
  readonly path: string
  readonly record: SeedRecord
  /** Digest of the rows that are in the file now. */
  readonly found: SeedDigest
  readonly rows: Readonly<Record<TableName, number>>
  /** Tables whose rows differ from the record; empty when all is as it was seeded. */
  readonly differing: readonly TableName[]
}

export interface VerifyOptions {
  readonly signal?: Pick<AbortSignal, 'aborted'> | undefined
  readonly onProgress?: ((rowsDone: number, rowsTotal: number, step: string) => void) | undefined
}

/**
 * Reads every row of a seeded database back and compares the digests with its record.
 * @throws UsageError SEED_NONE when the file was not seeded; TargetError when it cannot be read
 */
export async function verifySeed(path: string, options: VerifyOptions = {}): Promise<SeedVerification> {
  const state = await inspectFile(path, 'read')
  const record = state === 'database' ? await readSeedRecord(path) : undefined
  if (record === undefined) {
    throw new UsageError(
      'SEED_NONE',
      `${path} is no complete database made by forgebench seed; make one with forgebench seed --db file:${path}`,
    )
  }
  const connection = new NativeConnection(path, { readOnly: true })
  const pages = (sql: string) => {
    const statement = connection.prepare(sql)
    return async (after: number) => statement.all([BigInt(after)])
  }
  try {
    return { path, ...(await verifyRows({ pages, pageRows: 1000 }, record, options)) }
  } catch (error) {
    throw error instanceof ForgebenchError ? error : asTargetError(error, path)
  } finally {
    connection.close()
  }
}

/** Reads a table page by page, wherever it is. */
export interface TablePages {
  /** For a statement with one argument, the row number after which to go on. */
  readonly pages: (sql: string) => (after: number) => Promise<readonly Row[]>
  /** Rows of a page: a divisor of 1000, so that a block never ends inside a page. */
  readonly pageRows: number
}

/** Reads every row and compares the digests with those of the record. */
export async function verifyRows(
  reader: TablePages,
  record: SeedRecord,
  options: VerifyOptions,
): Promise<Omit<SeedVerification, 'path'>> {
  const digest = new DigestBuilder()
  const rows: Record<TableName, number> = { prompt_templates: 0, prompts: 0, evaluations: 0, test_results: 0 }
  for (const table of tableNames) {
    for await (const block of tableBlocks(reader, table)) {
      if (block.hash !== undefined) digest.addBlock(table, block.hash)
      rows[table] += block.rows
      options.onProgress?.(totalRows(rows), totalRows(record.rows), `reading ${table}`)
      await setImmediate()
      if (options.signal?.aborted) throw new InterruptedError()
    }
  }
  const found = digest.finish()
  const differing = tableNames.filter(
    (table) => found.tables[table] !== record.digest.tables[table] || rows[table] !== record.rows[table],
  )
  return { record, found, rows, differing }
}

/** Reads a table in rowid order and yields what was read, with the hash where a block ended. */
async function* tableBlocks(
  { pages, pageRows }: TablePages,
  table: TableName,
): AsyncGenerator<{ readonly rows: number; readonly hash: Uint8Array | undefined }> {
  const columns = tableColumns[table]
  // Texts as bytes, for the driver ends the process where a text is not UTF-8.
  const names = columns
    .map(({ name }) => `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`)
    .join(', ')
  // The storage class of every value, a letter each: JavaScript alone cannot tell 1 from 1.0.
  const types = columns.map(({ name }) => `substr(typeof(${name}), 1, 1)`).join(' || ')
  const pageAfter = pages(
    `SELECT rowid, ${types}, ${names} FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ${pageRows}`,
  )
  let [hash, inBlock, last] = [createHash('sha256'), 0, 0]
  for (;;) {
    const page = await pageAfter(last)
    let ended: Uint8Array | undefined
    for (const [rowid, stored, ...values] of page) {
      hash.update(canonicalRow(Number(rowid), columns, String(stored), values))
      last = Number(rowid)
      inBlock += 1
    }
    if (inBlock > 0 && (inBlock >= blockRows[table] || page.length < pageRows)) {
      ended = hash.digest()
      ;[hash, inBlock] = [createHash('sha256'), 0]
    }
    yield { rows: page.length, hash: ended }
    if (page.length < pageRows) return
  }
}

const kindOf: Readonly<Record<string, ColumnKind>> = { t: 'text', i: 'integer', r: 'real' }

/** A row as the generator would have written it; a value of another storage class gives other bytes. */
function canonicalRow(
  rowid: number,
  columns: readonly SeededColumn[],
  stored: string,
  values: readonly SqlValue[],
): Uint8Array {
  const row = values.map((value): CellValue => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
    return value === null || typeof value === 'number' ? value : String(value)
  })
  const bytes = Buffer.allocUnsafe(cellBound(row) + stored.length)
  const end = writeCell(bytes, 0, rowid, columns, row)
  const foreign = columns.some(({ kind }, index) => stored[index] !== 'n' && kindOf[stored[index]!] !== kind)
  return foreign ? bytes.subarray(0, end + bytes.write(stored, end)) : bytes.subarray(0, end)
}
