import type { Span } from './document.ts'

/** Gives a text the look of its tone. */
export type Paint = (span: Span) => string

/**
 * Breaks spans into lines of at most `width` characters between words; lines after the first are indented. A word
 * longer than a line stays whole.
 */
export function wrapSpans(
  spans: readonly Span[],
  width: number,
  indent: number,
  paint: Paint,
): readonly string[] {
  const lines: Span[][] = [[]]
  let used = 0
  for (const { text, tone } of spans) {
    for (let word of text.match(/\s+|\S+/g) ?? []) {
      const isSpace = word.trim() === ''
      if (isSpace) word = word.replaceAll(/\s/g, ' ')
      if (used + word.length > width && used > indent) {
        dropSpace(lines.at(-1))
        lines.push([{ text: ' '.repeat(indent), tone: 'plain' }])
        used = indent
        if (isSpace) continue
      }
      lines.at(-1)?.push({ text: word, tone })
      used += word.length
    }
  }
  dropSpace(lines.at(-1))
  return lines.map((line) => joined(line).map(paint).join(''))
}

/** Before colour codes surround it, where it could no longer be trimmed. */
function dropSpace(line: Span[] | undefined): void {
  while (line?.at(-1)?.text.trim() === '') line.pop()
}

/** Neighbours of one tone as one span, so that colour codes do not stand around every word. */
function joined(line: readonly Span[]): readonly Span[] {
  return line.reduce<readonly Span[]>((spans, next) => {
    const last = spans.at(-1)
    return last?.tone === next.tone
      ? [...spans.slice(0, -1), { text: last.text + next.text, tone: next.tone }]
      : [...spans, next]
  }, [])
}
