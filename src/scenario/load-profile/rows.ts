// k6 imports this file too: so it depends on nothing.
import type { LoadData, LoadProfile, LoadRow } from './load-profile.ts'

/** What stands in `no-rows.json`, for a profile that draws nothing. */
export const noRows = '{}\n'

/** True of a profile whose requests are made of rows. */
export const drawsRows = (profile: LoadProfile): boolean => Object.keys(profile.data?.tables ?? {}).length > 0

/**
 * The rows in a data file: JSON, `{ "users": [{ "id": "u1" }] }` by table, as `forgebench load draw-data` writes it; or CSV (RFC 4180)
 * with the names of the columns in its first line, for a profile with one table. Values of CSV are texts. A byte order
 * mark is skipped.
 * @throws SyntaxError for what is neither; RangeError for CSV where the profile has not exactly one table
 */
export function rowsOf(given: string, profile: LoadProfile): LoadData {
  const text = given.replace(/^\ufeff/, '')
  if (text.trim() === '' || /^\s*[[{]/.test(text)) return JSON.parse(text) as LoadData
  const tables = Object.keys(profile.data?.tables ?? {})
  const [table] = tables
  if (table === undefined || tables.length > 1) {
    throw new RangeError(
      `is CSV, which holds one table, and the profile draws from ${tables.length === 0 ? 'none' : tables.join(', ')}; write JSON`,
    )
  }
  const [names = [], ...lines] = csvLines(text)
  const rows = lines.map((cells, at): LoadRow => {
    if (cells.length !== names.length) {
      throw new SyntaxError(
        `has ${cells.length} fields in row ${at + 1} of the CSV, and ${names.length} in its first line`,
      )
    }
    return Object.fromEntries(names.map((name, column) => [name, cells[column] ?? '']))
  })
  return { [table]: rows }
}

/** Lines of CSV as RFC 4180 has it: fields in quotes may hold commas, line ends and doubled quotes. Empty lines are none. */
function csvLines(text: string): readonly (readonly string[])[] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y
  const lines: string[][] = []
  let line: string[] = []
  while (field.lastIndex < text.length || line.length > 0) {
    const found = field.exec(text)
    if (found === null) throw new SyntaxError('has a quote in a field of CSV that no quote begins or ends')
    const [, quoted, plain = '', end] = found
    line.push(quoted === undefined ? plain : quoted.replace(/""/g, '"'))
    if (end === ',') continue
    if (line.length > 1 || line[0] !== '' || quoted !== undefined) lines.push(line)
    line = []
  }
  return lines
}
