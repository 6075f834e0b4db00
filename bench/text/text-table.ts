import { left, right, span } from '../../src/report/render/document.ts'
import { terminalTable } from '../../src/report/render/terminal-table.ts'

/** A table without lines; columns after the first are aligned right unless they are named in `leftTitles`. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  leftTitles: readonly string[] = [],
): string {
  const columns = head.map((title, i) => (i === 0 || leftTitles.includes(title) ? left : right)(title))
  const spans = rows.map((row) => row.map((text) => span(text)))
  return terminalTable(columns, spans, Infinity, ({ text }) => text).join('\n')
}
