import type { Row, SqlValue } from './connection.ts'

/**
 * Select list for columns whose texts may not be UTF-8: an embedded driver aborts the process when it reads such a text.
 * So texts come as bytes, beside the type that each value has, and before them stands the letter a, which tells the
 * encoding of the database. See `readCells`.
 * @param columns quoted names
 */
export const cellList = (columns: readonly string[]): string =>
  [
    `CAST('a' AS BLOB)`,
    ...columns.flatMap((column) => [
      `typeof(${column})`,
      `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END`,
    ]),
  ].join(', ')

/** The values that a row of `cellList` holds; a text that its database's encoding does not allow stays bytes. */
export function readCells([letter, ...cells]: Row): Row {
  return Array.from({ length: cells.length / 2 }, (_, index): SqlValue => {
    const [type, value = null] = cells.slice(index * 2)
    return type === 'text' && value instanceof Uint8Array ? readText(value, letter) : value
  })
}

/** The first of the columns of a row of `cellList` that holds a text which its database's encoding does not allow. */
export function unreadableColumn(row: Row, columns: readonly string[]): string | undefined {
  const values = readCells(row)
  return columns.find((_, index) => row[1 + index * 2] === 'text' && typeof values[index] !== 'string')
}

function readText(bytes: Uint8Array, letter: SqlValue | undefined): string | Uint8Array {
  const [first] = letter instanceof Uint8Array ? letter : []
  const isWide = letter instanceof Uint8Array && letter.length === 2
  const encoding = isWide ? (first === 0 ? 'utf-16be' : 'utf-16le') : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes
  }
}
