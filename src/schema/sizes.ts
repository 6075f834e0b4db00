import type { Connection } from '../target/connection.ts'

/** What a table or an index takes up, by the `dbstat` virtual table. */
export interface StoredObject {
  readonly name: string
  readonly kind: 'table' | 'index'
  /** The table it belongs to; a table's own name. */
  readonly table: string
  readonly pages: number
  /** Whole pages, overflow pages among them. */
  readonly bytes: number
  /** Bytes of rows or keys alone, without page headers and free space. */
  readonly payloadBytes: number
  /** Rows of a table, with its interior pages' keys; entries of an index. */
  readonly cells: number
}

/** What the file takes up as a whole. */
export interface FileSize {
  readonly bytes: number
  readonly pageBytes: number
  readonly pages: number
  /** Pages that hold nothing and that VACUUM would give back. */
  readonly freePages: number
}

/** Sizes of all tables and indexes by name, SQLite's own among them. It reads every page of the database. */
export async function objectSizes(connection: Connection): Promise<readonly StoredObject[]> {
  const { rows } = await connection.query(
    `SELECT d.name, coalesce(s.type, 'table'), coalesce(s.tbl_name, d.name), d.pageno, d.pgsize, d.payload, d.ncell
     FROM dbstat AS d LEFT JOIN sqlite_schema AS s ON s.name = d.name
     WHERE d.aggregate = TRUE ORDER BY d.name`,
  )
  return rows.map(([name, kind, table, pages, bytes, payloadBytes, cells]) => ({
    name: String(name),
    kind: kind === 'index' ? 'index' : 'table',
    table: String(table),
    pages: Number(pages),
    bytes: Number(bytes),
    payloadBytes: Number(payloadBytes),
    cells: Number(cells),
  }))
}

/** Size of the database file by its own header; a write-ahead log is not counted. */
export async function fileSize(connection: Pick<Connection, 'query'>): Promise<FileSize> {
  const pragma = async (name: string): Promise<number> =>
    Number((await connection.query(`PRAGMA ${name}`)).rows[0]?.[0])
  const [pageBytes, pages] = [await pragma('page_size'), await pragma('page_count')]
  return { bytes: pageBytes * pages, pageBytes, pages, freePages: await pragma('freelist_count') }
}
