import { UsageError } from '../core/errors.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import type { LoadRun } from '../run/load-run.ts'
import { knowResponse, loadSamples } from '../run/load-samples.ts'
import { comparisonDocument } from './comparison-document.ts'
import type { Block, Detail } from './document.ts'
import { gateDocument, relativeHead } from './gate-document.ts'
import { histogramLog } from './histogram-log.ts'
import { loadCsv } from './load-csv.ts'
import { loadDocument } from './load-document.ts'
import { renderMarkdown } from './markdown.ts'
import { reportDocument } from './report-document.ts'
import { renderTerminal, type TerminalOptions } from './terminal.ts'

/** A format of reports: a pure function of what was measured and what that says. */
export type Render = (judged: JudgedRun, options: TerminalOptions) => string

/** The formats by their names on the command line; a new one is a file and a line here. */
export const formats = {
  terminal: (judged, options) => renderTerminal(documentOf(judged, 'brief'), options),
  markdown: (judged) => renderMarkdown(documentOf(judged, 'full')),
  hlog: (judged) => {
    const run = loadRunOf(judged, 'hlog')
    return histogramLog(run, knowResponse(loadSamples(run)) ? 'response' : 'service')
  },
  csv: (judged) => loadCsv(loadRunOf(judged, 'csv')),
} as const satisfies Record<string, Render>

export type FormatName = keyof typeof formats
export const formatNames = Object.keys(formats) as readonly FormatName[]

/** Everything a report says, whatever its format and the kind of its run. */
export function documentOf(judged: JudgedRun, detail: Detail): readonly Block[] {
  switch (judged.kind) {
    case 'scenarios':
      return reportDocument(judged.run, judged.verdicts, detail)
    case 'gate':
      return gateDocument(relativeHead(judged.run), judged.gate)
    case 'load':
      return loadDocument(judged.run, judged.verdict, detail)
    case 'load-comparison':
      return comparisonDocument(judged.run, judged.verdict, detail)
  }
}

function loadRunOf(judged: JudgedRun, format: string): LoadRun {
  if (judged.kind === 'load') return judged.run
  throw new UsageError(
    'FORMAT_NOT_FOR_RUN',
    `--format ${format} shows the seconds of a load; for this run use --format terminal or markdown`,
  )
}
