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

/** A table without lines. One that is too wide loses its expendable columns first, then breaks the widest cells. */
export function terminalTable(
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  width: number,
  paint: Paint,
): readonly string[] {
  const kept = fittingColumns(columns, rows, width)
  const widths = columnWidths(kept, columns, rows, width)
  const table = new Table({
    chars: { ...borderless, middle: ' '.repeat(gap) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    head: kept.map((index) => paint({ text: columns[index]?.title ?? '', tone: 'dim' })),
    colAligns: kept.map((index) => columns[index]?.align ?? 'left'),
    colWidths: widths,
    wordWrap: true,
  })
  table.push(
    ...rows.map((row) => kept.map((index) => paint(inCell(row[index] ?? { text: '', tone: 'plain' })))),
  )
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  const dropped = columns.flatMap(({ title }, index) => (kept.includes(index) ? [] : [title]))
  return dropped.length === 0
    ? lines
    : [
        ...lines,
        ...wrapSpans([{ text: `(too narrow for: ${dropped.join(', ')})`, tone: 'dim' }], width, 0, paint),
      ]
}

/** A line feed would begin a new line of the cell, which nobody has counted. */
const inCell = ({ text, tone }: Span): Span => ({ text: text.replaceAll(/\s/g, ' '), tone })

const naturalWidth = (
  index: number,
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
): number => Math.max(columns[index]?.title.length ?? 0, ...rows.map((row) => row[index]?.text.length ?? 0))

function fittingColumns(
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  width: number,
): readonly number[] {
  const indexes = columns.map((_, index) => index)
  const expendable = indexes
    .filter((index) => columns[index]?.expendable !== undefined)
    .sort((a, b) => (columns[b]?.expendable ?? 0) - (columns[a]?.expendable ?? 0))
  let kept = indexes
  for (const victim of expendable) {
    if (totalWidth(kept.map((index) => naturalWidth(index, columns, rows))) <= width) break
    kept = kept.filter((index) => index !== victim)
  }
  return kept
}

const totalWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, next) => sum + next, 0) + gap * (widths.length - 1)

/** Takes what is too much from the widest column, again and again. */
function columnWidths(
  kept: readonly number[],
  columns: readonly Column[],
  rows: readonly (readonly Span[])[],
  width: number,
): number[] {
  const widths = kept.map((index) => naturalWidth(index, columns, rows))
  while (totalWidth(widths) > width) {
    const widest = Math.max(...widths)
    if (widest <= narrowestColumn) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths.map((natural) => Math.max(natural, 1))
}
