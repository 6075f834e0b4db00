// k6 imports this file, and tests do: so it depends on nothing but files that k6 can read too.
import { plannedSeconds } from '../../../core/load-stages.ts'
import type { LoadProfile } from '../../../scenario/load-profile/load-profile.ts'
import { countedOutcomes } from './outcome.ts'
import type { K6Settings } from './settings.ts'
import { isEvidence, slowBudgets } from './thresholds.ts'

/** Percentiles of the summary: every one, from 90 on every tenth of one, from 99.9 on every hundredth. */
const percentilesOf = (): readonly number[] => [
  ...Array.from({ length: 90 }, (_, i) => i),
  ...Array.from({ length: 99 }, (_, i) => (900 + i) / 10),
  ...Array.from({ length: 10 }, (_, i) => (9990 + i) / 100),
  100,
]

/** The values that k6 is asked to sum a trend up by. */
export const trendStats = (): string[] => [
  'count',
  'avg',
  ...percentilesOf().map((percent) => `p(${percent})`),
]

/** As k6 hands it to handleSummary; only what is read. */
export interface SummaryData {
  readonly state: { readonly testRunDurationMs: number }
  readonly metrics: Readonly<
    Record<
      string,
      {
        readonly values: Readonly<Record<string, number>>
        readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>
      }
    >
  >
}

/** What only the script knows of its run. */
export interface SummaryContext {
  readonly profile: LoadProfile
  readonly settings: K6Settings
  /** SHA-256 of the profile and of the drawn rows. */
  readonly digests: { readonly file: string; readonly data: string }
  /** Execution segment such as `0:1/3`; null for the whole load. */
  readonly segment: string | null
  readonly finishedAtMs: number
}

/** The summary of one process as data that merges with those of others; src/load/collect/pod-summary.ts reads it. */
export function machineSummary({ metrics, state }: SummaryData, context: SummaryContext) {
  const { profile, settings, digests, segment, finishedAtMs } = context
  const { mix, seed, model, stages, warmUpSeconds, connections, timeoutMs, maxRequests } = settings
  const count = (metric: string) => metrics[metric]?.values['count'] ?? 0
  const rate = (metric: string) => {
    const { passes = 0, fails = 0 } = metrics[metric]?.values ?? {}
    return { trues: passes, of: passes + fails }
  }
  const percentiles = percentilesOf()
  const outcomes = countedOutcomes()
  const grid = (op: string, phase: string, isServed: boolean) => {
    const tags = `op:${op},phase:${phase},expected_response:${isServed}`
    const values = metrics[`http_req_duration{${tags}}`]?.values ?? {}
    const samples = values['count'] ?? 0
    return { count: samples, ms: samples === 0 ? [] : percentiles.map((p) => values[`p(${p})`] ?? null) }
  }
  return {
    format: 'forgebench-k6-summary',
    version: 2,
    profile: { title: profile.title, why: profile.why, fileDigest: digests.file, dataDigest: digests.data },
    load: { mix, seed, model, stages, warmUpSeconds, connections, timeoutMs, maxRequests },
    thresholds: settings.thresholds,
    url: settings.baseUrl,
    segment: segment === null || segment === '' ? null : segment,
    finishedAtMs,
    seconds: state.testRunDurationMs / 1000,
    dropped: count('dropped_iterations'),
    connectionsOpened: count('connections_opened'),
    percentiles,
    requests: sentRequests(profile, mix).map(({ id, title, method, status, creates }) => ({
      op: id,
      title,
      method,
      status,
      creates: creates ?? null,
      weight: profile.mixes[mix]?.[id] ?? 0,
      begun: count(`requests_begun{op:${id}}`),
      ended: count(`http_reqs{op:${id}}`),
      failed: rate(`http_req_failed{op:${id}}`).trues,
      unexpected: Object.fromEntries(
        outcomes
          .map((outcome) => [outcome, count(`unexpected_answers{op:${id},outcome:${outcome}}`)] as const)
          .filter(([, times]) => times > 0),
      ),
      warmUp: { served: grid(id, 'warm-up', true), unserved: grid(id, 'warm-up', false) },
      measured: { served: grid(id, 'measured', true), unserved: grid(id, 'measured', false) },
      slow: slowBudgets(settings.thresholds).map(({ metric, overMs, inclusive }) => ({
        overMs,
        inclusive,
        requests: rate(`${metric}{op:${id}}`).trues,
      })),
    })),
    failedThresholds: thresholdResults({ metrics, state }).flatMap(({ text, ok }) => (ok ? [] : [text])),
  }
}

const sentRequests = ({ requests, mixes }: LoadProfile, mix: string) =>
  requests.filter(({ id }) => (mixes[mix]?.[id] ?? 0) > 0)

const thresholdResults = ({ metrics }: SummaryData) =>
  Object.entries(metrics)
    .flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds)
        .filter(([expression]) => !isEvidence(expression))
        .map(([expression, { ok }]) => ({ text: `${metric} ${expression}`, ok })),
    )
    .sort((a, b) => (a.text < b.text ? -1 : 1))

/**
 * The summary as lines that survive a log: `kubectl logs` may cut long lines and put a prefix before each, and pods
 * may be mixed. Every line says whose it is, which it is and of how many.
 */
export function summaryLines(summary: ReturnType<typeof machineSummary>): readonly string[] {
  const text = JSON.stringify(summary)
  const size = 4000
  const lines = Math.ceil(text.length / size)
  const owner = `${summary.segment ?? 'whole'}@${summary.finishedAtMs}`
  return Array.from(
    { length: lines },
    (_, i) => `forgebench-summary ${owner} ${i + 1}/${lines} ${text.slice(i * size, (i + 1) * size)}`,
  )
}

const cell = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(2))

/** The summary for people. */
export function summaryText(data: SummaryData, { profile, settings, segment }: SummaryContext): string {
  const { metrics } = data
  const rows = sentRequests(profile, settings.mix).map(({ id }) => {
    const { passes = 0, fails = 0 } = metrics[`http_req_failed{op:${id}}`]?.values ?? {}
    const served = metrics[`http_req_duration{op:${id},phase:measured,expected_response:true}`]?.values ?? {}
    const figures = (served['count'] ?? 0) === 0 ? [] : [50, 95, 99, 100].map((p) => served[`p(${p})`])
    const counts = [passes + fails, passes].map(String)
    return [id, ...counts, ...(figures.length === 0 ? ['–', '–', '–', '–'] : figures.map(cell))]
  })
  const table = [['request', 'ended', 'failed', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'], ...rows]
  const width = (column: number) => Math.max(...table.map((row) => (row[column] ?? '').length))
  const lines = table.map((row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(width(i)) : text.padStart(width(i)))).join('  '),
  )
  const dropped = metrics['dropped_iterations']?.values['count'] ?? 0
  const load = `mix ${settings.mix}, seed ${settings.seed}, ${plannedSeconds(settings)} s`
  const part = segment === null || segment === '' ? '' : `, segment ${segment}`
  return [
    '',
    `${profile.title}: ${load}${part}`,
    `latencies of requests served after the warm-up of ${settings.warmUpSeconds} s`,
    ...lines,
    `never sent (dropped iterations): ${dropped}`,
    ...thresholdResults(data).map(({ text, ok }) => `${ok ? '✓' : '✗'} ${text}`),
    '',
    '',
  ].join('\n')
}
