import { closest, distance } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'

/** Unit of what a threshold compares. */
export type ThresholdUnit = 'ms' | 'share' | 'count' | 'per second'

/** Quantity that a threshold takes of its metric; `p` with the percentage. */
export type Aggregation =
  | { readonly kind: 'avg' | 'min' | 'max' | 'med' | 'rate' | 'count' }
  | { readonly kind: 'p'; readonly percent: number }

export type ThresholdOperator = '<' | '<=' | '>' | '>=' | '==' | '===' | '!='

const latency = { aggregations: ['avg', 'min', 'max', 'med', 'p(95)'], windows: true } as const
const counter = { aggregations: ['count', 'rate'], windows: true } as const

/** The metrics that every engine gives, with the aggregations that k6 allows for their kind. */
const metrics = {
  /** Milliseconds from the intended start to the last byte where the tool knows it, else from sending. */
  http_req_duration: latency,
  /** Milliseconds from sending to the last byte. */
  service_time: latency,
  /** Share of requests that were not answered with the expected status. */
  http_req_failed: { aggregations: ['rate'], windows: true },
  /** Requests that were sent. */
  http_reqs: counter,
  /** The same: a request is an iteration here. */
  iterations: counter,
  /** Requests that were due and never sent, warm-up included. */
  dropped_iterations: { aggregations: ['count', 'rate'], windows: false },
} as const satisfies Record<string, { readonly aggregations: readonly string[]; readonly windows: boolean }>

export type ThresholdMetric = keyof typeof metrics

/** One condition on the measured phase, such as `http_req_duration{op:list,window:10s}` `p(95)<200`. */
export interface Threshold {
  readonly metric: ThresholdMetric
  /** Kind of request; null for all. */
  readonly op: string | null
  /** Every stretch of that many seconds must hold; null for the phase as a whole. */
  readonly windowSeconds: number | null
  readonly aggregation: Aggregation
  readonly operator: ThresholdOperator
  /** Milliseconds, a share, a count, or a number a second. */
  readonly bound: number
  readonly unit: ThresholdUnit
}

export interface ThresholdContext {
  /** Where the threshold stands, such as the path of a profile; begins the message. */
  readonly place: string
  /** Kinds of requests that a selector may name; absent when they are not known. */
  readonly ops?: readonly string[]
}

/**
 * Reads one threshold in k6's syntax: a metric with an optional selector `{op:list,window:10s}`, and an expression
 * `<aggregation><operator><number>`.
 * @throws UsageError THRESHOLD_INVALID, with the nearest name that is known
 */
export function parseThreshold(metric: string, expression: string, context: ThresholdContext): Threshold {
  const refuse = (what: string): UsageError =>
    new UsageError('THRESHOLD_INVALID', `${context.place}: threshold '${metric}': '${expression}': ${what}`)
  const selected = /^\s*([^{}\s]+)\s*(?:\{([^{}]*)\})?\s*$/.exec(metric)
  if (selected === null) {
    throw refuse('the metric is a name and perhaps a selector, such as http_req_duration{op:list}')
  }
  const [, name = '', selector] = selected
  if (!isMetric(name)) throw refuse(`no metric ${name}; did you mean ${closest(name, metricNames)}?`)
  const tags = parseSelector(selector, context.ops, refuse)
  if (tags.windowSeconds !== null && !metrics[name].windows) {
    throw refuse(`${name} is not known per window; leave window out`)
  }
  const condition = parseExpression(expression, name, refuse)
  return { metric: name, ...tags, ...condition }
}

/** True of a threshold that can fail before the load has ended: it bounds a latency, failures or dropped requests from above. */
export const isEarlyThreshold = ({ metric, operator }: Threshold): boolean =>
  metric !== 'http_reqs' && metric !== 'iterations' && !['>', '>=', '!='].includes(operator)

const metricNames = Object.keys(metrics)
const isMetric = (name: string): name is ThresholdMetric => Object.hasOwn(metrics, name)

type Refuse = (what: string) => UsageError

function parseSelector(
  selector: string | undefined,
  ops: readonly string[] | undefined,
  refuse: Refuse,
): Pick<Threshold, 'op' | 'windowSeconds'> {
  let op: string | null = null
  let windowSeconds: number | null = null
  const seen = new Set<string>()
  for (const pair of selector === undefined ? [] : selector.split(',')) {
    const [, tag = '', value = ''] = /^\s*([^:\s]+)\s*:\s*["']?([^"']*?)["']?\s*$/.exec(pair) ?? []
    if (tag === '' || value === '') throw refuse(`«${pair.trim()}» is no tag:value, such as op:list`)
    if (seen.has(tag)) throw refuse(`the tag ${tag} stands twice`)
    seen.add(tag)
    if (tag === 'op') op = knownOp(value, ops, refuse)
    else if (tag === 'window') windowSeconds = parseWindow(value, refuse)
    else throw refuse(unknownTag(tag))
  }
  return { op, windowSeconds }
}

/** System tags of k6 that a threshold of k6 may name (grafana.com/docs/k6, tags and groups). */
const k6Tags = new Set(
  'method name status url proto group scenario check error error_code tls_version subproto service'.split(
    ' ',
  ),
)

const unknownTag = (tag: string): string =>
  tag === 'expected_response'
    ? 'no tag expected_response is needed: a failed request counts as slower than any bound'
    : k6Tags.has(tag)
      ? `the tag ${tag} is k6's, and requests are told apart by op alone here: http_req_duration{op:list}`
      : nearTag(tag) === undefined
        ? `no tag ${tag}: requests are told apart by op alone here, such as http_req_duration{op:list}`
        : `no tag ${tag}; did you mean ${nearTag(tag)}?`

const nearTag = (tag: string): string | undefined =>
  ['op', 'window'].find((known) => distance(tag, known) <= 2)

function knownOp(value: string, ops: readonly string[] | undefined, refuse: Refuse): string {
  if (ops === undefined || ops.includes(value)) return value
  throw refuse(
    ops.length === 0 ? `no request ${value}` : `no request ${value}; did you mean ${closest(value, ops)}?`,
  )
}

function parseWindow(value: string, refuse: Refuse): number {
  const seconds = /^([1-9]\d{0,5})s$/.exec(value)?.[1]
  if (seconds === undefined) throw refuse(`window:${value} is no whole number of seconds, such as window:10s`)
  return Number(seconds)
}

const operators: readonly ThresholdOperator[] = ['===', '==', '!=', '<=', '>=', '<', '>']

function parseExpression(
  expression: string,
  metric: ThresholdMetric,
  refuse: Refuse,
): Pick<Threshold, 'aggregation' | 'operator' | 'bound' | 'unit'> {
  const parts = /^([^<>=!]*)([<>=!]+)([^<>=!]*)$/.exec(expression)
  if (parts === null) throw refuse('not an aggregation, an operator and a number, such as p(95)<200')
  const [, left = '', sign = '', right = ''] = parts
  const operator = operators.find((known) => known === sign)
  if (operator === undefined) throw refuse(`no operator ${sign}; it is one of < <= > >= == !=`)
  const aggregation = parseAggregation(left.trim(), metric, refuse)
  const unit = unitOf(metric, aggregation)
  return { aggregation, operator, bound: parseBound(right.trim(), unit, refuse), unit }
}

function parseAggregation(text: string, metric: ThresholdMetric, refuse: Refuse): Aggregation {
  const allowed: readonly string[] = metrics[metric].aggregations
  const percent = /^p\(\s*(\d+(?:\.\d+)?)\s*\)$/.exec(text)?.[1]
  if (percent !== undefined && allowed.includes('p(95)')) {
    const value = Number(percent)
    if (value > 0 && value <= 100) return { kind: 'p', percent: value }
    throw refuse(`p(${percent}) is no percentile; it is above 0 and at most 100, such as p(95)`)
  }
  const kind = (['avg', 'min', 'max', 'med', 'rate', 'count'] as const).find((known) => known === text)
  if (kind === undefined || !allowed.includes(kind)) {
    throw refuse(`${metric} has no «${text}»; did you mean ${closest(text, allowed)}?`)
  }
  return { kind }
}

function unitOf(metric: ThresholdMetric, { kind }: Aggregation): ThresholdUnit {
  if (metric === 'http_req_failed') return 'share'
  if (kind === 'rate') return 'per second'
  return kind === 'count' ? 'count' : 'ms'
}

function parseBound(text: string, unit: ThresholdUnit, refuse: Refuse): number {
  if (!/^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) {
    throw refuse(`«${text}» is no bound; it is ${boundNoun[unit]}`)
  }
  const bound = Number(text)
  if (!Number.isFinite(bound)) throw refuse(`${text} is too large`)
  if (unit === 'share' && bound > 1) {
    throw refuse(`${text} is no share from 0 to 1; ${text} % is ${bound / 100}`)
  }
  return bound
}

const boundNoun = {
  ms: 'a number of milliseconds, without a unit',
  share: 'a share from 0 to 1, such as 0.001 for 0.1 %',
  count: 'a number of requests',
  'per second': 'a number of requests a second',
} as const satisfies Record<ThresholdUnit, string>

/** True when a measured value meets the condition. */
export function holds({ operator, bound }: Pick<Threshold, 'operator' | 'bound'>, value: number): boolean {
  switch (operator) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '==':
    case '===':
      return value === bound
    case '!=':
      return value !== bound
  }
}
