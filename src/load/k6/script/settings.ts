// k6 imports this file, and tests do: so it depends on nothing but files that k6 can read too.
import { defaultStages, plannedArrivals, planStages, type PlannedStage } from '../../../core/load-stages.ts'
import type { LoadProfile } from '../../../scenario/load-profile/load-profile.ts'

export type K6Model =
  | { readonly kind: 'open-model'; readonly ratePerSec: number }
  | { readonly kind: 'closed-model'; readonly users: number }
  | { readonly kind: 'peak' }

/** A threshold that ends the load, as k6 has it. */
export interface K6Abort {
  readonly metric: string
  readonly threshold: string
  /** Milliseconds, or a text such as `30s`. */
  readonly delayAbortEval: number | string
}

/** What variables say to the script of k6; see `k6Settings` for their names. */
export interface K6Settings {
  readonly baseUrl: string
  readonly mix: string
  readonly seed: number
  readonly model: K6Model
  readonly stages: readonly PlannedStage[]
  readonly warmUpSeconds: number
  readonly connections: number
  /** Virtual users that arrivals may have in all; those beyond `connections` are made when they are needed. */
  readonly maxConnections: number
  readonly timeoutMs: number
  readonly maxRequests: number
  /** How many processes share the load by execution segments; counts in thresholds are divided by it. */
  readonly segments: number
  /** Name of the variable that holds a bearer token. */
  readonly tokenEnv: string | null
  readonly thresholds: Readonly<Record<string, readonly string[]>>
  /** The long form of thresholds with `abortOnFail`, for k6 to end the load by itself; empty where forgebench does it. */
  readonly aborts: readonly K6Abort[]
  /** Where the machine-readable summary goes: a file, `stdout`, or nowhere. */
  readonly summary: string | null
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads `BASE_URL`, `RATE` (requests/s) or `USERS` or `PEAK=1`, `DURATION` (seconds, warm-up included), `CONNECTIONS`,
 * `MAX_CONNECTIONS`, `MIX`, `SEED`, `TIMEOUT` (ms), `MAX_REQUESTS`, `SEGMENTS`, `TOKEN_ENV`, `SUMMARY`, and as JSON `STAGES` with `WARM_UP`
 * (seconds) and `THRESHOLDS`, from the variables of `k6 run -e NAME=value`.
 * @throws Error in one line
 */
export function k6Settings(profile: LoadProfile, variables: Variables): K6Settings {
  const text = (name: string) => {
    const value = variables[name]
    return value === undefined || value === '' ? null : value
  }
  const number = (name: string, otherwise: number, least: number) => {
    const value = text(name)
    if (value === null) return otherwise
    const parsed = Number(value.replace(/(?<=\d)s$/, ''))
    if (!Number.isFinite(parsed) || parsed < least) {
      throw new Error(`${name}=${value} is no number from ${least} on`)
    }
    return parsed
  }
  const json = <T>(name: string, otherwise: T) => {
    const value = text(name)
    return value === null ? otherwise : (JSON.parse(value) as T)
  }
  const baseUrl = (text('BASE_URL') ?? 'http://127.0.0.1:8787').replace(/\/+$/, '')
  if (!/^https?:\/\/./.test(baseUrl))
    throw new Error(`BASE_URL=${baseUrl} is no URL, such as http://127.0.0.1:8787`)
  const mix = text('MIX') ?? Object.keys(profile.mixes)[0] ?? ''
  if (profile.mixes[mix] === undefined) {
    throw new Error(`MIX=${mix} is none of the profile's: ${Object.keys(profile.mixes).join(', ')}`)
  }
  const rate = number('RATE', 100, 0.001)
  const users = number('USERS', 0, 0)
  const seconds = text('DURATION') === null ? undefined : number('DURATION', 0, 0.1)
  const model: K6Model =
    text('PEAK') !== null
      ? { kind: 'peak' }
      : users > 0
        ? { kind: 'closed-model', users }
        : { kind: 'open-model', ratePerSec: rate }
  // A request that takes a second holds its connection for a second.
  const ample = model.kind === 'open-model' ? Math.min(Math.max(Math.ceil(rate), 10), 10_000) : users || 50
  if (model.kind === 'closed-model' && profile.thinkMs === undefined) {
    throw new Error('USERS needs thinkMs in the profile, the think time of a user between two requests')
  }
  const connections = number('CONNECTIONS', ample, 1)
  const planned = planStages(profile.stages ?? defaultStages, seconds)
  return {
    baseUrl,
    mix,
    seed: number('SEED', 1, 0),
    model,
    stages: json('STAGES', planned.stages),
    warmUpSeconds: number('WARM_UP', planned.warmUpSeconds, 0),
    connections,
    maxConnections: Math.max(connections, number('MAX_CONNECTIONS', connections, 1)),
    timeoutMs: number('TIMEOUT', 10_000, 1),
    maxRequests: number('MAX_REQUESTS', Number.MAX_SAFE_INTEGER, 1),
    segments: number('SEGMENTS', 1, 1),
    tokenEnv: text('TOKEN_ENV'),
    thresholds: json('THRESHOLDS', textsOf(profile.thresholds)),
    aborts: text('THRESHOLDS') === null ? abortsOf(profile.thresholds) : [],
    summary: text('SUMMARY'),
  }
}

const textsOf = (thresholds: LoadProfile['thresholds']): K6Settings['thresholds'] =>
  Object.fromEntries(
    Object.entries(thresholds).map(([metric, entries]) => [
      metric,
      entries.map((entry) => (typeof entry === 'string' ? entry : entry.threshold)),
    ]),
  )

const abortsOf = (thresholds: LoadProfile['thresholds']): readonly K6Abort[] =>
  Object.entries(thresholds).flatMap(([metric, entries]) =>
    entries.flatMap((entry) =>
      typeof entry === 'string' || entry.abortOnFail !== true
        ? []
        : [{ metric, threshold: entry.threshold, delayAbortEval: entry.delayAbortEval ?? 0 }],
    ),
  )

/** Requests of an open model until a moment, unrounded; null for other models. */
const arrivalsOf = ({ model, stages }: K6Settings, toSecond = Infinity): number | null =>
  model.kind === 'open-model' ? plannedArrivals(model.ratePerSec, stages, { toSecond }) : null

/** No more requests than this are sent: k6 may start one or two more at the very end of a load. */
export function mostRequests(settings: K6Settings): number {
  const all = arrivalsOf(settings)
  return Math.min(settings.maxRequests, all === null ? Infinity : Math.round(all))
}

/** Requests of the measured phase in an open model; null for other models. */
export function measuredArrivals(settings: K6Settings): number | null {
  const warmUp = arrivalsOf(settings, Math.ceil(settings.warmUpSeconds))
  return warmUp === null ? null : Math.max(0, mostRequests(settings) - warmUp)
}
