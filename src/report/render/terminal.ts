import picocolors from 'picocolors'
import { outside, withoutCommands } from '../../core/outside-text.ts'
import type { Block, Span } from './document.ts'
import { terminalTable } from './terminal-table.ts'
import { wrapSpans, type Paint } from './wrap-spans.ts'

export interface TerminalOptions {
  readonly color: boolean
  /** Columns that a line may take; 120 by default. */
  readonly width?: number
}

const defaultWidth = 120
const narrowest = 60

/** A report for an engineer at a terminal; give it the brief one, which ends with what holds. */
export function renderTerminal(document: readonly Block[], options: TerminalOptions): string {
  const width = Math.max(options.width ?? defaultWidth, narrowest)
  const paint = painter(options.color)
  const lines = outside(document).flatMap((block) => blockLines(block, width, paint))
  // Two texts may make a command of what neither holds.
  return `${withoutCommands(lines.join('\n').trimStart())}\n`
}

function blockLines(block: Block, width: number, paint: Paint): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return ['', ...headingLines(block.level, block.spans, width, paint)]
    case 'paragraph':
      return wrapSpans(block.spans, width, 0, paint)
    case 'list':
      return block.items.flatMap((item) => wrapSpans(item, width, 4, paint))
    case 'table':
      return terminalTable(block.columns, block.rows, width, paint)
    case 'details':
      return []
  }
}

function headingLines(
  level: 1 | 2 | 3,
  spans: readonly Span[],
  width: number,
  paint: Paint,
): readonly string[] {
  const lines = wrapSpans(spans, width, 0, paint)
  return level === 2 ? [paint({ text: '━'.repeat(width), tone: 'dim' }), ...lines] : lines
}

function painter(color: boolean): Paint {
  const colors = picocolors.createColors(color)
  return ({ text, tone }) => {
    switch (tone) {
      case 'plain':
        return text
      case 'strong':
        return colors.bold(text)
      case 'dim':
        return colors.dim(text)
      case 'good':
        return colors.green(text)
      case 'bad':
        return colors.red(text)
      case 'warn':
        return colors.yellow(text)
    }
  }
}
