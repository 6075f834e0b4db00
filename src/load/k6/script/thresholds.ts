// k6 imports this file, and tests do: so it depends on nothing but files that k6 can read too.
import { plannedSeconds } from '../../../core/load-stages.ts'
import type { LoadRequest } from '../../../scenario/load-profile/load-profile.ts'
import { measuredArrivals, type K6Settings } from './settings.ts'

/** A bound of a percentile as a rate of slow requests, which adds up over processes without error. */
export interface SlowBudget {
  /** Name of the metric, such as `slow_over_200ms`. */
  readonly metric: string
  readonly overMs: number
  /** A request that takes exactly that long is slow, as for `p(95)<200`; for `p(95)<=200` it is not. */
  readonly inclusive: boolean
}

/** One threshold of the profile in parts; windows are for forgebench to judge, k6 knows none. */
interface Parts {
  /** As the profile has them. */
  readonly metric: string
  readonly expression: string
  readonly name: string
  readonly op: string | null
  readonly isWindow: boolean
  readonly aggregation: string
  readonly operator: string
  readonly bound: number
}

function partsOf(metric: string, expression: string): Parts {
  const [, name = '', selector = ''] = /^\s*([^{\s]+)\s*(?:\{(.*)\})?\s*$/.exec(metric) ?? []
  const [, aggregation = '', operator = '', bound = ''] =
    /^\s*([^<>=!\s]+)\s*([<>=!]+)\s*([^<>=!\s]+)\s*$/.exec(expression) ?? []
  const tag = (key: string) =>
    new RegExp(`(?:^|,)\\s*${key}:\\s*["']?([^,"']+?)["']?\\s*(?:,|$)`).exec(selector)?.[1]
  return {
    metric,
    expression,
    name: name === 'service_time' ? 'http_req_duration' : name === 'iterations' ? 'http_reqs' : name,
    op: tag('op') ?? null,
    isWindow: tag('window') !== undefined,
    aggregation,
    operator,
    bound: Number(bound),
  }
}

const allParts = (thresholds: K6Settings['thresholds']): readonly Parts[] =>
  Object.entries(thresholds).flatMap(([metric, expressions]) =>
    expressions.map((expression) => partsOf(metric, expression)),
  )

const percentOf = (aggregation: string): number | null => {
  const percent = /^p\(\s*([\d.]+)\s*\)$/.exec(aggregation)?.[1]
  return percent !== undefined ? Number(percent) : aggregation === 'med' ? 50 : null
}

function slowBudgetOf({ name, isWindow, aggregation, operator, bound }: Parts): SlowBudget | null {
  if (name !== 'http_req_duration' || isWindow || percentOf(aggregation) === null) return null
  const side = operator === '<' ? 'over' : operator === '<=' ? 'above' : null
  if (side === null) return null
  const metric = `slow_${side}_${String(bound).replace(/\W/g, '_')}ms`
  return { metric, overMs: bound, inclusive: operator === '<' }
}

/** The rates of slow requests that the thresholds need. */
export function slowBudgets(thresholds: K6Settings['thresholds']): readonly SlowBudget[] {
  const budgets = allParts(thresholds).flatMap((parts) => slowBudgetOf(parts) ?? [])
  return [...new Map(budgets.map((budget) => [budget.metric, budget])).values()]
}

/** A threshold as k6 takes it. */
export type K6Threshold =
  string | { readonly threshold: string; readonly abortOnFail: boolean; readonly delayAbortEval: string }

/**
 * Thresholds as k6 takes them. Those of the profile are about the measured phase alone; a percentile stands there once
 * as k6 has it and once as a rate of slow requests: P95 < 200 ms by nearest rank, a failed request counted as slow, is
 * the same as at most 5 % of requests failed or 200 ms and longer. What follows keeps k6 from passing on nothing.
 */
export function k6Thresholds(
  settings: K6Settings,
  requests: readonly Pick<LoadRequest, 'id'>[],
): Record<string, K6Threshold[]> {
  const thresholds: Record<string, K6Threshold[]> = {}
  const add = (metric: string, op: string | null, phase: string | null, expression: K6Threshold) => {
    const tags = [...(op === null ? [] : [`op:${op}`]), ...(phase === null ? [] : [`phase:${phase}`])]
    const key = tags.length === 0 ? metric : `${metric}{${tags.join(',')}}`
    thresholds[key] ??= []
    if (!thresholds[key].includes(expression)) thresholds[key].push(expression)
  }
  const measuredSeconds = plannedSeconds(settings) - Math.ceil(settings.warmUpSeconds)
  const isSent = (op: string | null) => op === null || requests.some(({ id }) => id === op)
  for (const parts of allParts(settings.thresholds).filter(({ isWindow, op }) => !isWindow && isSent(op))) {
    const { name, op, aggregation, operator, bound } = parts
    if (name === 'dropped_iterations' || name === 'http_reqs') {
      // The rate that k6 knows is one over the whole run; the count of the measured phase says what is meant.
      const count = aggregation === 'rate' ? bound * measuredSeconds : bound
      const phase = name === 'http_reqs' ? 'measured' : null
      add(name, op, phase, withAbort(`count${operator}${count / settings.segments}`, parts, settings))
    } else add(name, op, 'measured', withAbort(`${aggregation}${operator}${bound}`, parts, settings))
    const slow = slowBudgetOf(parts)
    const percent = percentOf(aggregation)
    if (slow !== null && percent !== null) {
      add(slow.metric, op, null, `rate<=${Number((1 - percent / 100).toFixed(10))}`)
    }
  }
  add('http_reqs', null, 'measured', `count>${fewestRequests(settings)}`)
  add('dropped_iterations', null, null, 'count==0')
  if (!Object.keys(thresholds).some((key) => key.startsWith('http_req_failed'))) {
    add('http_req_failed', null, 'measured', 'rate<1')
  }
  for (const { id } of requests) addEvidence(id)
  return thresholds

  // Conditions that always hold: k6 keeps apart in its summary only what a threshold names.
  function addEvidence(op: string) {
    for (const metric of ['http_reqs', 'requests_begun']) add(metric, op, null, always.count)
    add('http_req_failed', op, null, always.rate)
    for (const phase of ['warm-up', 'measured']) {
      for (const isServed of [true, false]) {
        add('http_req_duration', op, `${phase},expected_response:${isServed}`, always.max)
      }
    }
    for (const { metric } of slowBudgets(settings.thresholds)) add(metric, op, null, always.rate)
  }
}

const always = { count: 'count>=0', rate: 'rate>=0', max: 'max>=0' } as const

/** True of a condition that is there for its numbers alone. */
export const isEvidence = (expression: string): boolean => Object.values<string>(always).includes(expression)

function withAbort(threshold: string, { metric, expression }: Parts, { aborts }: K6Settings): K6Threshold {
  const abort = aborts.find((each) => each.metric === metric && each.threshold === expression)
  if (abort === undefined) return threshold
  const { delayAbortEval: delay } = abort
  return { threshold, abortOnFail: true, delayAbortEval: typeof delay === 'number' ? `${delay}ms` : delay }
}

/** 99 % of the arrivals that are due, short of one at either end; one request in a closed model. */
function fewestRequests(settings: K6Settings): number {
  const due = measuredArrivals(settings)
  return due === null ? 0 : Math.max(0, Math.floor((due * 0.99) / settings.segments) - 2)
}
