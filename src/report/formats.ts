import type { Run } from '../run/run.ts'
import type { ClaimVerdict } from '../run/verdict.ts'
import { renderMarkdown } from './markdown.ts'
import { renderTerminal, type TerminalOptions } from './terminal.ts'

/** A format of reports: a pure function of what was measured and what that says of the claims. */
export type Render = (run: Run, verdicts: readonly ClaimVerdict[], options: TerminalOptions) => string

/** The formats by their names on the command line; a new one is a file and a line here. */
export const formats = {
  terminal: renderTerminal,
  markdown: renderMarkdown,
} as const satisfies Record<string, Render>

export type FormatName = keyof typeof formats
export const formatNames = Object.keys(formats) as readonly FormatName[]
