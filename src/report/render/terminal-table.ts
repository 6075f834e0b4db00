import Table from 'cli-table3'
import type { Column, Span } from './document.ts'
import { wrapSpans, type Paint } from './wrap-spans.ts'

const gap = 2
const narrowestColumn = 8

const borderless = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((name) => [name, '']),
)

/** A column of the rows at hand. */
interface FilledColumn extends Column {
  readonly cellOf: (row: readonly Span[]) => Span
  readonly naturalWidth: number
}

const blank: Span = { text: '', tone: 'plain' }

/** A table without lines. One that is too wide loses its expendable columns first, then breaks the widest cells. */
export function terminalTable(
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  width: number,
  paint: Paint,
): readonly string[] {
  const filled = columns.map((column, index): FilledColumn => {
    const cellOf: FilledColumn['cellOf'] = (row) => row[index] ?? blank
    const naturalWidth = Math.max(column.title.length, ...rows.map((row) => cellOf(row).text.length))
    return { ...column, cellOf, naturalWidth }
  })
  const kept = fittingColumns(filled, width)
  const table = new Table({
    chars: { ...borderless, middle: ' '.repeat(gap) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    head: kept.map(({ title }) => paint({ text: title, tone: 'dim' })),
    colAligns: kept.map(({ align }) => align),
    colWidths: columnWidths(kept, width),
    wordWrap: true,
  })
  table.push(...rows.map((row) => kept.map(({ cellOf }) => paint(inCell(cellOf(row))))))
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  const dropped = filled.flatMap((column) => (kept.includes(column) ? [] : [column.title]))
  return dropped.length === 0
    ? lines
    : [
        ...lines,
        ...wrapSpans([{ text: `(too narrow for: ${dropped.join(', ')})`, tone: 'dim' }], width, 0, paint),
      ]
}

/** A line feed would begin a new line of the cell, which was not counted. */
const inCell = ({ text, tone }: Span): Span => ({ text: text.replaceAll(/\s/g, ' '), tone })

function fittingColumns(columns: readonly FilledColumn[], width: number): readonly FilledColumn[] {
  const expendable = columns
    .filter((column) => column.expendable !== undefined)
    .toSorted((a, b) => (b.expendable ?? 0) - (a.expendable ?? 0))
  let kept = columns
  for (const victim of expendable) {
    if (totalWidth(kept.map(({ naturalWidth }) => naturalWidth)) <= width) break
    kept = kept.filter((column) => column !== victim)
  }
  return kept
}

const totalWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, next) => sum + next, 0) + gap * (widths.length - 1)

/** Takes what is too much from the widest column, again and again. */
function columnWidths(kept: readonly FilledColumn[], width: number): number[] {
  const widths = kept.map(({ naturalWidth }) => naturalWidth)
  while (totalWidth(widths) > width) {
    const widest = Math.max(...widths)
    if (widest <= narrowestColumn) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths.map((natural) => Math.max(natural, 1))
}
