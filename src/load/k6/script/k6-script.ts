// k6 runs this file; Node cannot. Checked and built with its own tsconfig.json and tsconfig.build.json, beside it.
import { plannedSeconds } from '../../../core/load-stages.ts'
import type { LoadData, LoadProfile, LoadRow } from '../../../scenario/load-profile/load-profile.ts'
import { sleep } from 'k6'
import crypto from 'k6/crypto'
import { SharedArray } from 'k6/data'
import exec from 'k6/execution'
import http, { type RefinedResponse, type ResponseType } from 'k6/http'
import { Counter, Gauge, Rate } from 'k6/metrics'
import type { Options, Scenario } from 'k6/options'
import { countedOutcomes, outcomeOf } from './outcome.ts'
import { k6Settings, mostRequests, type K6Settings } from './settings.ts'
import { machineSummary, summaryLines, summaryText, trendStats, type SummaryData } from './summary.ts'
import { k6Thresholds, slowBudgets, type SlowBudget } from './thresholds.ts'
import { drawsRows, noRows, rowsOf } from '../../../scenario/load-profile/rows.ts'
import { sequenceOf, thinkMsAt } from '../../../scenario/load-profile/sequence.ts'

/** The texts of the files beside a script: only the script itself can open them, and only when it is asked to. */
export interface ScriptFiles {
  readonly profile: () => string
  readonly data: () => string
}

/**
 * What a script of k6 exports, for a profile: `options`, the function that sends one request, and `handleSummary`.
 * `k6Settings` says which variables it reads.
 */
export function k6Script(profile: LoadProfile, files: ScriptFiles) {
  // Made once and shared: every virtual user would pay for it again, in memory above all.
  const [made] = new SharedArray('settings', () => {
    const settings = k6Settings(profile, __ENV)
    const [file = '', data = ''] = [files.profile(), drawsRows(profile) ? files.data() : noRows].map((text) =>
      crypto.sha256(text, 'hex'),
    )
    return [{ settings, budgets: slowBudgets(settings.thresholds), digests: { file, data } }]
  })
  const { settings, budgets, digests } = made!
  const requests = profile.requests.filter(({ id }) => (profile.mixes[settings.mix]?.[id] ?? 0) > 0)
  const context = () => ({
    profile,
    settings,
    digests,
    segment: exec.test.options.executionSegment ?? null,
    finishedAtMs: Date.now(),
  })
  return {
    // k6 asks for them once, before there are virtual users.
    options: __VU === 0 ? optionsOf(settings, requests) : {},
    request: sender(profile, settings, budgets, sharedRows(profile, files)),
    handleSummary: (data: SummaryData): Record<string, string> => {
      const text = summaryText(data, context())
      if (settings.summary === null) return { stdout: text }
      const summary = machineSummary(data, context())
      return settings.summary === 'stdout'
        ? { stdout: [text, ...summaryLines(summary), ''].join('\n') }
        : { stdout: text, [settings.summary]: JSON.stringify(summary) }
    },
  }
}

const optionsOf = (settings: K6Settings, requests: LoadProfile['requests']): Options => ({
  scenarios: { load: scenarioOf(settings) },
  thresholds: { ...k6Thresholds(settings, requests), ...evidenceOfFailures(settings, requests) },
  summaryTrendStats: trendStats(),
  discardResponseBodies: true,
  // The tags url and group would say what name and op say.
  systemTags: ['method', 'name', 'status', 'error', 'error_code', 'expected_response', 'scenario', 'proto'],
})

function sharedRows(profile: LoadProfile, { data }: ScriptFiles): LoadData {
  const rows = (table: string) =>
    new SharedArray<LoadRow>(`rows of ${table}`, () => {
      const drawn = rowsOf(data(), profile)[table]
      return drawn === undefined ? [] : [...drawn]
    })
  return Object.fromEntries(Object.keys(profile.data?.tables ?? {}).map((table) => [table, rows(table)]))
}

function scenarioOf(settings: K6Settings): Scenario {
  const { model, stages, connections, maxConnections, timeoutMs } = settings
  const end = { gracefulStop: `${timeoutMs + 1000}ms` }
  const targets = (whole: number) => ({
    start: Math.round(whole * (stages[0]?.fromLevel ?? 0)),
    // A stage of no length jumps to where the next one starts.
    stages: stages.flatMap(({ seconds, fromLevel, toLevel }, i) => [
      ...(i > 0 && fromLevel !== stages[i - 1]?.toLevel
        ? [{ target: Math.round(whole * fromLevel), duration: '0s' }]
        : []),
      { target: Math.round(whole * toLevel), duration: `${Math.round(seconds * 1000)}ms` },
    ]),
  })
  if (model.kind !== 'open-model') {
    const { start, stages: ramp } = targets(model.kind === 'closed-model' ? model.users : connections)
    return {
      executor: 'ramping-vus',
      startVUs: start,
      stages: ramp,
      gracefulRampDown: end.gracefulStop,
      ...end,
    }
  }
  // k6 takes whole numbers alone: 0.5 a second is 500 in 1000 seconds.
  const unit = [1, 10, 100].find((seconds) => stages.every(isWholeIn(model.ratePerSec * seconds))) ?? 1000
  const { start, stages: ramp } = targets(model.ratePerSec * unit)
  const grown = maxConnections > connections ? { maxVUs: maxConnections } : {}
  const common = { timeUnit: `${unit}s`, preAllocatedVUs: connections, ...grown, ...end }
  // k6 refuses a constant rate for less than a second.
  const isConstant = plannedSeconds(settings) >= 1
  return isConstant && stages.every(({ fromLevel, toLevel }) => fromLevel === 1 && toLevel === 1)
    ? {
        executor: 'constant-arrival-rate',
        rate: start,
        duration: `${Math.round(plannedSeconds(settings) * 1000)}ms`,
        ...common,
      }
    : { executor: 'ramping-arrival-rate', startRate: start, stages: ramp, ...common }
}

const isWholeIn =
  (rate: number) =>
  ({ fromLevel, toLevel }: K6Settings['stages'][number]) =>
    Number.isInteger(rate * fromLevel) && Number.isInteger(rate * toLevel)

/** Conditions that always hold, so that the machine-readable summary counts failures by what became of them. */
const evidenceOfFailures = (
  { summary }: K6Settings,
  requests: LoadProfile['requests'],
): Record<string, string[]> =>
  summary === null
    ? {}
    : Object.fromEntries(
        requests.flatMap(({ id }) =>
          countedOutcomes().map((outcome) => [
            `unexpected_answers{op:${id},outcome:${outcome}}`,
            ['count>=0'],
          ]),
        ),
      )

function commonHeaders(tokenEnv: string | null): Record<string, string> {
  const token = tokenEnv === null ? undefined : __ENV[tokenEnv]
  return { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
}

type Answer = RefinedResponse<ResponseType | undefined>

/** Counts what was not answered as expected by what became of it, and what was slow after the warm-up. */
function answerCounter(budgets: readonly SlowBudget[]) {
  const unexpected = new Counter('unexpected_answers')
  const slow = budgets.map((budget) => ({ ...budget, rate: new Rate(budget.metric) }))
  let counted: ReadonlySet<string> | undefined
  return (op: string, answer: Answer, isServed: boolean, isMeasured: boolean) => {
    if (!isServed) {
      counted ??= new Set(countedOutcomes())
      const outcome = String(outcomeOf(answer.status, answer.error_code, answer.error))
      unexpected.add(1, { op, outcome: counted.has(outcome) ? outcome : 'broken' })
    }
    if (!isMeasured) return
    const { duration } = answer.timings
    for (const { overMs, inclusive, rate } of slow) {
      rate.add(!isServed || duration > overMs || (inclusive && duration === overMs), { op })
    }
  }
}

/** The function that k6 calls for every iteration: it sends the request at the iteration's place in the sequence. */
function sender(
  profile: LoadProfile,
  settings: K6Settings,
  budgets: readonly SlowBudget[],
  data: LoadData,
): () => void {
  const { baseUrl, mix, seed, model, warmUpSeconds, timeoutMs, tokenEnv } = settings
  const requestAt = sequenceOf(profile, mix, data, seed)
  const begun = new Counter('requests_begun')
  const startedAt = new Gauge('load_started_at', true)
  const opened = new Counter('connections_opened')
  const connecting = new Counter('connecting_ms')
  const count = answerCounter(budgets)
  const kinds = new Map(
    profile.requests.map(({ id, status }) => [id, { status, callback: http.expectedStatuses(status) }]),
  )
  const headers = commonHeaders(tokenEnv)
  const most = mostRequests(settings)
  const endsAfterMs = plannedSeconds(settings) * 1000
  // Verdicts go by whole seconds.
  const warmUpMs = Math.ceil(warmUpSeconds) * 1000
  let startMs = 0
  return () => {
    const { scenario } = exec
    const index = scenario.iterationInTest
    if (startMs === 0) startMs = scenario.startTime
    if (scenario.iterationInInstance === 0) startedAt.add(startMs)
    if (index >= most) return stopLoad()
    if (model.kind === 'closed-model') {
      sleep(thinkMsAt(profile, seed, index) / 1000)
      if (Date.now() - startMs >= endsAfterMs) return
    }
    const { op, method, path, body } = requestAt(index)
    const { status, callback } = kinds.get(op)!
    const isMeasured = Date.now() - startMs >= warmUpMs
    begun.add(1, { op })
    const answer = http.request(method, baseUrl + path, body, {
      tags: { name: op, op, phase: isMeasured ? 'measured' : 'warm-up' },
      headers: {
        ...headers,
        'x-forgebench-request': String(index),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      timeout: timeoutMs,
      redirects: 0,
      responseCallback: callback,
    })
    if (answer.timings.connecting > 0) {
      opened.add(1)
      const { blocked, connecting: connect, tls_handshaking: handshake } = answer.timings
      connecting.add(blocked + connect + handshake)
    }
    count(op, answer, answer.status === status && answer.error_code === 0, isMeasured)
  }

  /** Where answers set the pace, the run ends here, after the requests of the others; arrivals end by themselves. */
  function stopLoad() {
    if (model.kind === 'open-model') return
    sleep(timeoutMs / 1000)
    exec.test.abort('MAX_REQUESTS are sent')
  }
}
