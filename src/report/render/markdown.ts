import { outside } from '../../core/outside-text.ts'
import type { Block, Column, Span } from './document.ts'

/** A report as GitHub-flavoured Markdown, with details folded away. */
export function renderMarkdown(document: readonly Block[]): string {
  return `${outside(document).map(blockText).join('\n\n')}\n`
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${block.spans.map(({ text }) => escaped(text)).join('')}`
    case 'paragraph':
      return noMarker(inline(block.spans))
    case 'list':
      return block.items.map((item) => `- ${noMarker(inline(item))}`).join('\n')
    case 'table':
      return table(block.columns, block.rows)
    case 'details': {
      const fence = fenceAround(block.lines)
      return [
        `<details><summary>${escapedHtml(oneLine(block.summary))}</summary>`,
        '',
        fence,
        ...block.lines,
        fence,
        '',
        '</details>',
      ].join('\n')
    }
  }
}

function table(columns: readonly Column[], rows: readonly (readonly Span[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(({ title }) => escaped(title))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n')
}

/** Spaces at the start of a cell are the depth of the row; Markdown would drop them. */
function cellText({ text, tone }: Span): string {
  const depth = text.length - text.trimStart().length
  return `${'&nbsp;'.repeat(depth)}${inline([{ text: text.trimStart(), tone }])}`
}

function inline(spans: readonly Span[]): string {
  return spans
    .map(({ text, tone }) => (isMarked(tone, text) ? marked(text) : escaped(text)))
    .join('')
    .trim()
}

const isMarked = (tone: Span['tone'], text: string): boolean =>
  ['strong', 'good', 'bad', 'warn'].includes(tone) && text.trim() !== ''

/** Emphasis must touch the words, so spaces stay outside. */
const marked = (text: string): string =>
  text.replace(
    /^(\s*)(.*?)(\s*)$/s,
    (_, before: string, core: string, after: string) => `${before}**${escaped(core)}**${after}`,
  )

/** A text that begins as a heading, a list, a rule or a line below a heading would be one. */
const noMarker = (text: string): string =>
  text
    .replace(/^(?=#{1,6}(?:\s|$)|[-+](?:\s|$)|-{2,}\s*$|=+\s*$)/, '\\')
    .replace(/^(\d+)(?=[.)](?:\s|$))/, '$1\\')

/** Longer than every run of backticks in the lines, so that none of them ends it (CommonMark §4.5). */
const fenceAround = (lines: readonly string[]): string =>
  '`'.repeat(
    Math.max(3, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length + 1))),
  )

const oneLine = (text: string): string => text.replaceAll(/\r\n?|\n/g, ' ')

const escapedHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const escaped = (text: string): string =>
  escapedHtml(oneLine(text)).replaceAll(/[\\`*_[\]|~]/g, (character) => `\\${character}`)
