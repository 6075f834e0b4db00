import { femtoUsd, formatUsd } from '../../cost/money.ts'
import type { GateRun } from '../../run/gate/gate-run.ts'
import {
  findingName,
  type GateFinding,
  type GateUnit,
  type GateVerdict,
  type GateStatus,
} from '../../run/gate/gate-verdict.ts'
import {
  formatBytes,
  formatChange,
  formatCount,
  formatDecimal,
  formatInteger,
  formatNs,
  formatNumber,
  formatRatioPercent,
  formatShare,
  plural,
} from '../../core/number-format.ts'
import {
  heading,
  left,
  paragraph,
  right,
  span,
  type Block,
  type Span,
  type Tone,
} from '../render/document.ts'

const tones: Readonly<Record<GateStatus, Tone>> = {
  pass: 'good',
  improved: 'good',
  fail: 'bad',
  inconclusive: 'warn',
  invalid: 'bad',
}

/** What a gate is about, above its findings. */
export interface GateHead {
  readonly title: readonly Span[]
  /** How it was measured or judged, in one line. */
  readonly how: string
}

/** Exact findings that say «as before» are counted where there are more than this. */
const mostSame = 12
/** Reasons that stand in one paragraph, and in all. */
const fewReasons = 3
const mostReasons = 10

/** A gate for an engineer: what is compared, what each finding says, and the status of the whole. */
export function gateDocument({ title, how }: GateHead, verdict: GateVerdict): readonly Block[] {
  const { findings, notes, status } = verdict
  const { shown, same } = tellingFindings(findings)
  return [
    heading(2, ...title),
    paragraph(span(how, 'dim')),
    ...(shown.length > 0 ? [findingsTable(shown)] : []),
    ...sameParagraph(same),
    ...notes.map((note) => paragraph(span(note, 'warn'))),
    ...statusBlocks(
      status,
      shown.filter((found) => found.status === status),
    ),
  ]
}

/** The findings that are worth a row, and the number of those that are not: many that are exactly as before. */
export function tellingFindings(findings: readonly GateFinding[]): {
  readonly shown: readonly GateFinding[]
  readonly same: number
} {
  const isSame = ({ status, kind }: GateFinding): boolean => status === 'pass' && kind === 'counter'
  const same = findings.filter(isSame).length
  return same > mostSame
    ? { shown: findings.filter((found) => !isSame(found)), same }
    : { shown: findings, same: 0 }
}

export const sameParagraph = (same: number): readonly Block[] =>
  same === 0 ? [] : [paragraph(span(`${formatInteger(same)} findings are exactly as before.`))]

/** The status of the whole, and the reasons of the findings that decided it; a reason that several share stands once. */
function statusBlocks(status: GateStatus, worst: readonly GateFinding[]): readonly Block[] {
  const nameOf = isAboutOne(worst) ? subject : findingName
  const head = span(status.toUpperCase(), statusTone(status))
  const byReason = new Map<string, string[]>()
  for (const found of worst)
    byReason.set(found.reason, [...(byReason.get(found.reason) ?? []), nameOf(found)])
  const reasons = [...byReason].map(([reason, [first = '', ...others]]) => {
    const more = others.length === 0 ? '' : ` and ${formatInteger(others.length)} more`
    return `${first}${more}: ${reason}`
  })
  if (reasons.length <= fewReasons) {
    return [paragraph(head, span(`: ${summaryOf(status)}${reasons.join('; ')}`))]
  }
  const rest = reasons.length - mostReasons
  return [
    paragraph(head, span(`: ${summaryOf(status)}${formatInteger(worst.length)} findings`)),
    ...reasons.slice(0, mostReasons).map((reason) => paragraph(span(reason))),
    ...(rest > 0 ? [paragraph(span(`and ${formatInteger(rest)} other reasons above.`))] : []),
  ]
}

/** A row for each finding, in the order given. */
export function findingsTable(findings: readonly GateFinding[]): Block {
  const nameOf = isAboutOne(findings) ? subject : findingName
  return {
    kind: 'table',
    columns: [
      left('verdict'),
      left('what'),
      right('baseline', 1),
      right('candidate', 1),
      right('change'),
      right('rounds', 2),
      right('samples', 3),
    ],
    rows: findings.map((found) => findingRow(found, nameOf(found))),
  }
}

/** True where scenario and variant need not be said in every row: the title says them. */
const isAboutOne = (findings: readonly GateFinding[]): boolean =>
  new Set(findings.map(({ scenario, variant }) => JSON.stringify([scenario, variant]))).size <= 1

export const statusTone = (status: GateStatus): Tone => tones[status]

/** The head of a relative gate. */
export function relativeHead(run: GateRun): GateHead {
  const { rule } = run.settings
  const seconds = Math.round(run.rounds.reduce((sum, round) => sum + round.seconds, 0))
  return {
    title: [
      span(`gate ${run.scenario.id}: `),
      span(run.candidate.spec, 'strong'),
      span(' against '),
      span(run.baseline.spec, 'strong'),
    ],
    how: `${rule.quantile === 'p95' ? '95th percentile' : 'median'} and stalls, round by round, ${plural(run.rounds.length, 'round')} in ${seconds} s; fails when significantly more than ${formatRatioPercent(rule.toleranceRatio)} slower or stalling more often, passes when significantly less than ${formatRatioPercent(rule.smallestEffectRatio)} slower`,
  }
}

function findingRow(found: GateFinding, name: string): readonly Span[] {
  const quantity = (of: GateFinding['measured']): Span =>
    span(of === null ? '–' : formatQuantity(of.value, of.unit))
  const count = (of: number): Span => span(of === 0 ? '–' : formatInteger(of))
  return [
    span(found.status, statusTone(found.status)),
    span(name),
    quantity(found.baseline),
    quantity(found.measured),
    span(found.change === null ? found.limit : changeText(found.change)),
    count(found.rounds),
    count(found.samples),
  ]
}

/** With its bounds, or as an estimate where there are none yet. */
const changeText = (change: NonNullable<GateFinding['change']>): string =>
  Number.isFinite(change.high) ? formatChange(change) : `about ${formatShare(change.estimate)} (estimate)`

/** `Q1 p95`, or the whole name where there is no operation. */
const subject = (found: GateFinding): string =>
  found.operation === null ? findingName(found) : `${found.operation} ${found.metric}`

/** A measured value in the unit that suits it. */
export function formatQuantity(value: number, unit: GateUnit): string {
  switch (unit) {
    case 'ns':
      return formatNs(value)
    case 'ms':
      return formatNs(value * 1e6)
    case 'bytes':
      return formatBytes(value)
    case 'share':
      return `${formatNumber(value * 100)} %`
    case 'count':
      return formatCount(value)
    case 'usd':
      return formatUsd(femtoUsd(value))
    case 'per second':
      return `${formatDecimal(value)}/s`
  }
}

function summaryOf(status: GateStatus): string {
  switch (status) {
    case 'pass':
      return 'nothing is worse. '
    case 'improved':
      return 'better, and nothing is worse. '
    case 'inconclusive':
      return 'the measurement does not decide it. '
    case 'fail':
    case 'invalid':
      return ''
  }
}
