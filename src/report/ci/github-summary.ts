import { plural } from '../../core/number-format.ts'
import { findingName, type GateFinding } from '../../run/gate/gate-verdict.ts'
import { heading, list, paragraph, span, type Block, type Span } from '../render/document.ts'
import { findingsTable, sameParagraph, tellingFindings, statusTone } from '../gate/gate-document.ts'
import type { GateReport } from './gate-report.ts'
import { renderMarkdown } from '../render/markdown.ts'

/** GitHub refuses a summary of more than 1024 kB for a step; some is left for others. */
export const summaryBytes = 1_000_000

/** Longer lines are no longer read; what a finding says in full is in the Run. */
const longestText = 2_000

const mostNotes = 50

/**
 * A gate as the summary of a job: the status first, then the findings, worst first. Where they do not fit into
 * `room` bytes, the last ones are left out and counted; empty when not even the status fits.
 */
export function githubSummary(report: GateReport, room: number = summaryBytes): string {
  let shown = tellingFindings(report.verdict.findings).shown.length
  for (;;) {
    const text = renderMarkdown(summaryDocument(report, shown))
    if (Buffer.byteLength(text) <= room) return text
    if (shown === 0) return ''
    shown = Math.floor(shown / 2)
  }
}

function summaryDocument({ head, verdict, runs }: GateReport, shown: number): readonly Block[] {
  const { status } = verdict
  const { shown: findings, same } = tellingFindings(verdict.findings)
  const left = findings.length - shown
  const notes = verdict.notes.slice(0, mostNotes)
  return [
    heading(2, ...head.title.map(clippedSpan), span(` · ${status}`, statusTone(status))),
    ...(head.how === '' ? [] : [paragraph(clippedSpan(span(head.how, 'dim')))]),
    ...(shown === 0 ? [] : [findingsTable(findings.slice(0, shown).map(clippedFinding))]),
    ...sameParagraph(same),
    ...list(findings.slice(0, shown).flatMap(problemOf)),
    ...(left === 0
      ? []
      : [paragraph(span(`${plural(left, 'more finding')} did not fit in here; the Run has all of them.`))]),
    ...notes.map((note) => paragraph(clippedSpan(span(note, 'warn')))),
    ...runs.map(({ id, forgebench, environment }) =>
      paragraph(
        span(
          `run ${id} · forgebench ${forgebench} · Node ${environment.node} · ${environment.cpus} × ${environment.cpuModel}`,
          'dim',
        ),
      ),
    ),
  ]
}

/** What fails, is invalid or inconclusive, in full. */
function problemOf(finding: GateFinding): readonly (readonly Span[])[] {
  if (finding.status === 'pass' || finding.status === 'improved') return []
  return [
    [
      span(`${finding.status} `, statusTone(finding.status)),
      clippedSpan(span(`${findingName(finding)}: ${finding.reason}`)),
    ],
  ]
}

const clippedSpan = ({ text, tone }: Span): Span => span(clipped(text), tone)

const clippedFinding = (finding: GateFinding): GateFinding => ({
  ...finding,
  scenario: clipped(finding.scenario),
  variant: finding.variant === null ? null : clipped(finding.variant),
  operation: finding.operation === null ? null : clipped(finding.operation),
  metric: clipped(finding.metric),
  limit: clipped(finding.limit),
})

const clipped = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText)}…`
