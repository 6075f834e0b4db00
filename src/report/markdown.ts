import type { Block, Column, Span } from './document.ts'

/** A report as GitHub-flavoured Markdown, with details folded away. */
export function renderMarkdown(document: readonly Block[]): string {
  return `${document.map(blockText).join('\n\n')}\n`
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${block.spans.map(({ text }) => escaped(text)).join('')}`
    case 'paragraph':
      return inline(block.spans)
    case 'list':
      return block.items.map((item) => `- ${inline(item)}`).join('\n')
    case 'table':
      return table(block.columns, block.rows)
    case 'details':
      return [
        `<details><summary>${escapedHtml(block.summary)}</summary>`,
        '',
        '```',
        ...block.lines,
        '```',
        '',
        '</details>',
      ].join('\n')
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

const escapedHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const escaped = (text: string): string =>
  escapedHtml(text.replaceAll(/\r\n?|\n/g, ' ')).replaceAll(/[\\`*_[\]|~]/g, (character) => `\\${character}`)
