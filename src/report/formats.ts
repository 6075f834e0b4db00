import { UsageError } from '../core/errors.ts'
import { outside } from '../core/outside-text.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import type { LoadRun } from '../run/load/load-run.ts'
import { knowResponse, loadSamples } from '../run/load/load-samples.ts'
import { comparisonDocument } from './load/comparison-document.ts'
import type { Block, Detail } from './render/document.ts'
import { goBenchmarkFormat } from './ci/benchfmt.ts'
import { bencherMetricFormat } from './ci/bmf.ts'
import { gateDocument, relativeHead } from './gate/gate-document.ts'
import { gateJson } from './ci/gate-json.ts'
import { gateReportOf, type GateReport } from './ci/gate-report.ts'
import { githubAnnotations } from './ci/github-annotations.ts'
import { githubSummary } from './ci/github-summary.ts'
import { histogramLog } from './load/histogram-log.ts'
import { junitXml } from './ci/junit.ts'
import { loadCsv } from './load/load-csv.ts'
import { loadDocument } from './load/load-document.ts'
import { renderMarkdown } from './render/markdown.ts'
import { reportDocument } from './run/report-document.ts'
import { biggerIsBetter, smallerIsBetter } from './ci/smaller-is-better.ts'
import { sweepDocument } from './sweep/sweep-document.ts'
import { renderTerminal, type TerminalOptions } from './render/terminal.ts'

export interface RenderOptions extends TerminalOptions {
  /** Files of scenarios by their ids, where they are known; annotations point there. */
  readonly files?: GateReport['files']
}

/** A format of reports: a pure function of what was measured and what that says. */
export type Render = (judged: JudgedRun, options: RenderOptions) => string

/** What a pipeline takes of a gate, by name; a new one is a file, its test with a consumer's parser, and a line here. */
export const gateFormats = ofOutside({
  markdown: ({ head, verdict }) => renderMarkdown(gateDocument(head, verdict)),
  junit: junitXml,
  'github-summary': (report) => githubSummary(report),
  'github-annotations': githubAnnotations,
  'smaller-is-better': smallerIsBetter,
  'bigger-is-better': biggerIsBetter,
  bmf: bencherMetricFormat,
  benchfmt: goBenchmarkFormat,
  'gate-json': gateJson,
} as const satisfies Record<string, (report: GateReport) => string>)

/** Every format is given text that has been through `outside`: Runs may be anybody's, and say what a target said. */
function ofOutside<T extends Readonly<Record<string, (first: never, ...others: never[]) => string>>>(
  renderers: T,
): T {
  const wrapped = Object.entries(renderers).map(([name, render]) => [
    name,
    (first: never, ...others: never[]) => render(outside(first), ...others),
  ])
  return Object.fromEntries(wrapped) as T
}

export type GateFormatName = keyof typeof gateFormats
export const gateFormatNames = Object.keys(gateFormats) as readonly GateFormatName[]

/** The same of a Run, from its file; its Markdown is the whole report, not the gate alone. */
const formatsOfGates = Object.fromEntries(
  gateFormatNames.filter((name) => name !== 'markdown').map((name) => [name, ofGate(name)]),
) as Readonly<Record<Exclude<GateFormatName, 'markdown'>, Render>>

function ofGate(name: GateFormatName): Render {
  return (judged, { files }) => {
    const report = gateReportOf(judged, files)
    if (report !== undefined) return gateFormats[name](report)
    throw new UsageError(
      'FORMAT_NOT_FOR_RUN',
      `--format ${name} shows the verdict of a gate, and nothing in this run asks for one; name the run of a gate, or use --format terminal or markdown`,
    )
  }
}

/** The formats by their names on the command line; a new one is a file and a line here. */
export const formats = ofOutside({
  terminal: (judged, options) => renderTerminal(documentOf(judged, 'brief'), options),
  markdown: (judged) => renderMarkdown(documentOf(judged, 'full')),
  hlog: (judged) => {
    const run = loadRunOf(judged, 'hlog')
    return histogramLog(run, knowResponse(loadSamples(run)) ? 'response' : 'service')
  },
  csv: (judged) => loadCsv(loadRunOf(judged, 'csv')),
  ...formatsOfGates,
} as const satisfies Record<string, Render>)

export type FormatName = keyof typeof formats
export const formatNames = Object.keys(formats) as readonly FormatName[]

/** Everything a report says, whatever its format and the kind of its run. */
export function documentOf(judged: JudgedRun, detail: Detail): readonly Block[] {
  switch (judged.kind) {
    case 'scenarios':
      return reportDocument(judged.run, judged.verdict, detail)
    case 'gate':
      return gateDocument(relativeHead(judged.run), judged.gate)
    case 'load':
      return loadDocument(judged.run, judged.verdict, detail)
    case 'load-comparison':
      return comparisonDocument(judged.run, judged.verdict, detail)
    case 'sweep':
      return sweepDocument(judged.run, judged.verdict, detail)
  }
}

function loadRunOf(judged: JudgedRun, format: string): LoadRun {
  if (judged.kind === 'load') return judged.run
  throw new UsageError(
    'FORMAT_NOT_FOR_RUN',
    `--format ${format} shows the seconds of a load; for this run use --format terminal or markdown`,
  )
}
