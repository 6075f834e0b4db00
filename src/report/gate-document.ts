import type { GateRun } from '../run/gate-run.ts'
import type { DecisionWord, RatioBounds } from '../measure/decide-gate.ts'
import type { GateOperationVerdict, GateVerdict } from '../run/gate-verdict.ts'
import type { Block, Span, Tone } from './document.ts'
import { heading, left, paragraph, right, span } from './document.ts'
import { formatChange, formatNs, formatShare } from '../core/number-format.ts'

const tones: Readonly<Record<DecisionWord, Tone>> = {
  pass: 'good',
  improved: 'good',
  fail: 'bad',
  inconclusive: 'warn',
  invalid: 'bad',
}

/** A gate for an engineer: what is compared, what each operation says, and the word for the whole. */
export function gateDocument(run: GateRun, verdict: GateVerdict): readonly Block[] {
  const { rule } = run.settings
  const seconds = run.rounds.reduce((sum, { seconds }) => sum + seconds, 0)
  return [
    heading(
      2,
      span(`gate ${run.scenario.id}: `),
      span(run.candidate.spec, 'strong'),
      span(` against `),
      span(run.baseline.spec, 'strong'),
    ),
    paragraph(
      span(
        `95th percentile per pair, ${run.rounds.length} rounds in ${Math.round(seconds)} s; fails when surely more than ${formatShare(rule.toleranceRatio - 1)} slower, passes when surely less than ${formatShare(rule.smallestEffectRatio - 1)} slower`,
        'dim',
      ),
    ),
    {
      kind: 'table',
      columns: [
        left('verdict'),
        left('operation'),
        right('baseline p95', 1),
        right('candidate p95', 1),
        right('change of p95'),
        right('rounds', 2),
        right('pairs', 3),
        right('samples a side', 4),
      ],
      rows: verdict.operations.map(operationRow),
    },
    paragraph(span(verdict.word.toUpperCase(), tones[verdict.word]), span(`: ${summary(verdict)}`)),
  ]
}

function operationRow(found: GateOperationVerdict): readonly Span[] {
  const time = (ns: number | null): Span => span(ns === null ? '–' : formatNs(ns))
  return [
    span(found.word, tones[found.word]),
    span(found.operation),
    time(found.baselineP95Ns),
    time(found.candidateP95Ns),
    span(changeOf(found)),
    span(String(boundsOf(found)?.rounds ?? '–')),
    span(String(found.pairs)),
    span(found.samplesPerSide.toLocaleString('en')),
  ]
}

/** The bounds that decided, or those of the last look; null when there was none. */
export function boundsOf({ decision }: GateOperationVerdict): RatioBounds | null {
  return decision.word === 'invalid' ? null : decision.ratio
}

/** `+8.1 % [+6.9, +9.4]`, or why there is no such number. */
export function changeOf(found: GateOperationVerdict): string {
  if (found.decision.word === 'invalid') return found.decision.reason
  const bounds = boundsOf(found)
  if (bounds === null) return 'too few rounds'
  const { estimate, low, high } = bounds
  return formatChange({ estimate: estimate - 1, low: low - 1, high: high - 1 })
}

/** The gate in one sentence, without its word. */
export function summary({ word, operations, note }: GateVerdict): string {
  const named = operations.filter((found) => found.word === word)
  const list = named.map((found) => `${found.operation} ${changeOf(found)}`).join('; ')
  const parts: Readonly<Record<DecisionWord, string>> = {
    fail: `p95 is slower: ${list}`,
    improved: `p95 is faster: ${list}; nothing is slower`,
    pass: `no operation is slower: ${list}`,
    inconclusive: `the rounds do not tell: ${list}`,
    invalid: `nothing to be believed: ${list}`,
  }
  return note === null ? parts[word] : `${parts[word]} (${note})`
}
