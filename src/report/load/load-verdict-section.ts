import { formatInteger, formatNs, formatNsWithin, formatNumber, plural } from '../../core/number-format.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { estimateQuantile } from '../../run/load/load-quantile.ts'
import { failedIn, loadSamples, requestsIn, type LoadSample } from '../../run/load/load-samples.ts'
import type { LoadVerdict, ThresholdVerdict, WorstWindow } from '../../run/load/load-verdict.ts'
import { plannedSeconds } from '../../core/load-stages.ts'
import { measuredPhase } from '../../run/load/measured-phase.ts'
import type { ThresholdUnit } from '../../run/threshold.ts'
import {
  heading,
  left,
  list,
  paragraph,
  right,
  span,
  type Block,
  type Span,
  type Tone,
} from '../render/document.ts'
import { statusTone } from './status-tone.ts'

/** The verdict in one line, and the reasons for it. */
export function loadVerdictSection(run: LoadRun, verdict: LoadVerdict): readonly Block[] {
  const having = (status: LoadVerdict['status']): readonly ThresholdVerdict[] =>
    verdict.thresholds.filter((threshold) => threshold.status === status)
  return [
    heading(
      2,
      span(verdict.status.toUpperCase(), statusTone(verdict.status)),
      span(` · ${inShort(run, verdict)}`),
    ),
    ...list([
      ...endedEarly(run),
      ...reasons('invalid', 'bad', verdict.invalid),
      ...reasons('doubtful, and no verdict depends on it', 'warn', verdict.doubts),
      ...reasons('failed', 'bad', [...verdict.failures, ...having('fail').map(failedText)]),
      ...reasons(
        'inconclusive',
        'warn',
        having('inconclusive').map((open) => `${failedText(open)}; ${open.note}`),
      ),
    ]),
    ...contradiction(run, verdict),
  ]
}

const reasons = (name: string, tone: Tone, texts: readonly string[]): readonly (readonly Span[])[] =>
  texts.map((text) => [span(`${name}: `, tone), span(text)])

/** That a threshold with `abortOnFail` cut the load short. */
function endedEarly({ measurement: { endedBy }, settings }: LoadRun): readonly (readonly Span[])[] {
  if (endedBy === undefined) return []
  const { metric, expression, afterSeconds } = endedBy
  const lasted = `after ${formatNumber(afterSeconds)} of ${formatNumber(plannedSeconds(settings))} s`
  return reasons('ended early', 'warn', [
    `${lasted}, because ${metric} ${expression} failed (abortOnFail); everything here is of these seconds`,
  ])
}

function inShort(run: LoadRun, { status, thresholds }: LoadVerdict): string {
  const held = thresholds.filter((threshold) => threshold.status === 'pass').length
  return [
    ...(status === 'invalid' ? ['these numbers must not be used'] : []),
    ...(status === 'inconclusive' ? ['this load is too short to decide'] : []),
    thresholds.length === 0
      ? 'no thresholds'
      : `${held} of ${plural(thresholds.length, 'threshold')} ${held === 1 ? 'holds' : 'hold'}`,
    ...headline(run),
  ].join(' · ')
}

/** P95, throughput and failures of the measured phase, as they are quoted. */
function headline(run: LoadRun): readonly string[] {
  const measured = loadSamples(run).filter(({ isMeasured }) => isMeasured)
  const requests = requestsIn(measured)
  const { fromSecond, endSecond } = measuredPhase(run)
  if (requests === 0 || endSecond === fromSecond) return []
  const rate = `${formatNumber(requests / (endSecond - fromSecond))} req/s`
  return [
    requests < fewestForP95 ? rate : `${p95Text(run, measured)} at ${rate}`,
    `${formatInteger(failedIn(measured))} of ${formatInteger(requests)} failed`,
  ]
}

/** Requests below which a P95 says nothing, as in the table of latencies. */
const fewestForP95 = 20

function p95Text(run: LoadRun, measured: readonly LoadSample[]): string {
  const { valueNs: p95Ns, interval } = estimateQuantile(
    measured,
    'response',
    0.95,
    run.measurement.sliceLength !== 'phase',
  )
  if (p95Ns === Infinity) return 'P95 failed'
  return interval === null
    ? `P95 ${formatNs(p95Ns)} (no interval)`
    : `P95 ${formatNsWithin(p95Ns, interval.lowNs, interval.highNs)}`
}

function failedText({ metric, expression, measured, interval, unit, worst }: ThresholdVerdict): string {
  const found =
    measured === Infinity
      ? 'falls among the failed requests, which count as slower than any bound'
      : `measured ${formatMeasured(measured, unit)}${intervalText(interval, unit)}`
  const where = worst === null || !metric.includes('window:') ? '' : ` in seconds ${secondsText(worst)}`
  return `${metric} ${expression}: ${found}${where}`
}

/** ` [180 ms, 230 ms]`; nothing where there is no interval, or the value is exact. */
function intervalText(interval: ThresholdVerdict['interval'], unit: ThresholdUnit): string {
  if (interval === null || interval.low === interval.high) return ''
  const high = interval.high === Infinity ? '–' : formatMeasured(interval.high, unit)
  return ` [${formatMeasured(interval.low, unit)}, ${high}]`
}

const secondsText = ({ fromSecond, seconds }: WorstWindow): string =>
  seconds === 1 ? String(fromSecond) : `${fromSecond} to ${fromSecond + seconds - 1}`

/** Another tool judges by its own rules; where it says otherwise, both are shown. */
function contradiction({ measurement }: LoadRun, { status }: LoadVerdict): readonly Block[] {
  const { tool, toolVerdict } = measurement
  if (toolVerdict === null || (toolVerdict.exitCode === 0) === (status === 'pass')) return []
  const { exitCode, failedThresholds } = toolVerdict
  const says = exitCode === 0 ? 'pass: it does not check all that is checked here' : 'fail'
  const shown = failedThresholds.slice(0, 3).join(', ')
  const more = failedThresholds.length > 3 ? ` and ${failedThresholds.length - 3} more` : ''
  const why = exitCode === 0 ? '' : `: ${shown === '' ? `exit code ${exitCode ?? 'none'}` : shown}${more}`
  return [paragraph(span('note: ', 'warn'), span(`${tool.name} itself says ${says}${why}`))]
}

/** Every threshold with what was measured and its worst window. */
export function thresholdSection({ thresholds }: LoadVerdict): readonly Block[] {
  if (thresholds.length === 0) return []
  return [
    heading(3, span('Thresholds', 'strong'), span(' on the measured phase; the warm-up is left out')),
    {
      kind: 'table',
      columns: [
        left('verdict'),
        left('metric'),
        left('threshold'),
        right('measured'),
        right('95 % CI'),
        right('worst window', 2),
        left('seconds', 3),
        right('samples', 4),
        left('note', 1),
      ],
      rows: thresholds.map((threshold) => [
        span(threshold.status, statusTone(threshold.status)),
        span(threshold.metric),
        span(threshold.expression),
        span(formatMeasured(threshold.measured, threshold.unit), 'strong'),
        span(intervalText(threshold.interval, threshold.unit).trim()),
        ...worstCells(threshold),
        span(formatInteger(threshold.samples), 'dim'),
        span(threshold.note, 'dim'),
      ]),
    },
  ]
}

function worstCells({ worst, unit }: ThresholdVerdict): readonly Span[] {
  if (worst === null) return [span('–', 'dim'), span('')]
  return [span(formatMeasured(worst.measured, unit)), span(secondsText(worst), 'dim')]
}

/** A measured value in the unit of its threshold. */
export function formatMeasured(value: number | null, unit: ThresholdUnit): string {
  if (value === null || Number.isNaN(value)) return '–'
  if (value === Infinity) return 'failed'
  switch (unit) {
    case 'ms':
      return `${formatNumber(value)} ms`
    case 'share':
      return `${formatNumber(value * 100)} %`
    case 'count':
      return formatInteger(value)
    case 'per second':
      return `${formatNumber(value)}/s`
  }
}
