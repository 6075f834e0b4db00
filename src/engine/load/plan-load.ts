import { UsageError } from '../../core/errors.ts'
import { connectionsFor } from '../../core/littles-law.ts'
import { defaultStages, plannedArrivals, planStages } from '../../core/load-stages.ts'
import { defaultMaxConnections } from '../../load/target/limits.ts'
import type { LoadModel, LoadPlan } from '../../load/load-plan.ts'
import type { LoadTls } from '../../load/target/load-tls.ts'
import type { LoadProfile } from '../../scenario/load-profile/load-profile.ts'
import type { LoadedProfile } from '../../scenario/load-profile/load-profile-file.ts'

/** What the command line says of a load; undefined where it leaves the choice to us. */
export interface LoadOptions {
  /** Base URL without a trailing slash. */
  readonly url: string
  readonly mix: string | undefined
  readonly seed: number
  readonly model: LoadModel
  /** What becomes of an arrival that finds every connection busy: k6 drops it. */
  readonly whenBusy: 'waits' | 'drops'
  /** Length of the load, warm-up included. */
  readonly seconds: number | undefined
  /** A fixed number of connections; undefined lets the pool fit the target. */
  readonly connections: number | undefined
  /** How far the pool may grow where it is not fixed. */
  readonly maxConnections?: number | undefined
  readonly connectRatePerSec: number
  readonly timeoutMs: number
  readonly maxRequests: number
  readonly workers: number | undefined
  readonly tokenEnv: string | null
  readonly tls?: LoadTls | undefined
  /** Absolute path of other rows than the profile's own. */
  readonly dataPath: string | undefined
}

/**
 * Makes the plan of a profile under options; `cpus` is the number of processors of this machine.
 * @throws UsageError MIX_UNKNOWN, THINK_TIME_MISSING, TOO_MANY_REQUESTS or IDLE_WORKERS
 */
export function planLoad(
  { path, shown, profile, dataPath }: LoadedProfile,
  options: LoadOptions,
  cpus: number,
): LoadPlan {
  const { url, seed, model, connectRatePerSec, timeoutMs, maxRequests, tokenEnv } = options
  const mixes = Object.keys(profile.mixes)
  const mix = options.mix ?? mixes[0] ?? ''
  if (!mixes.includes(mix)) {
    throw new UsageError('MIX_UNKNOWN', `${shown} has no mix ${mix}; it has ${mixes.join(', ')}`)
  }
  const { connections, ...growth } = planConnections(options)
  const plan: LoadPlan = {
    url,
    profilePath: path,
    dataPath: options.dataPath ?? dataPath,
    mix,
    seed,
    model,
    ...planStages(profile.stages ?? defaultStages, options.seconds),
    connections,
    ...growth,
    connectRatePerSec,
    timeoutMs,
    maxRequests,
    workers: options.workers ?? workersFor(model, connections, cpus),
    tokenEnv,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  }
  refuseWithoutThinkTime(plan, profile, shown)
  refuseTooMany(plan)
  refuseIdleWorkers(plan)
  return plan
}

/** An answer is taken to need so long before the target has been tried. */
const assumedAnswerNs = 0.1e9
/** k6 makes virtual users slowly while it sends, and drops what finds none: a stall of a second costs nothing. */
const k6AnswerSeconds = 1
const mostVirtualUsers = 2000

/** The pool before the target is tried (`fitConnections`): by Little's law in an open model; a user has a connection of their own. */
function planConnections({
  model,
  whenBusy,
  connections,
  maxConnections: most = defaultMaxConnections,
}: LoadOptions): Pick<LoadPlan, 'connections' | 'maxConnections'> {
  if (connections !== undefined) return { connections }
  switch (model.kind) {
    case 'open-model': {
      const forStalls =
        whenBusy === 'drops' ? Math.min(mostVirtualUsers, model.ratePerSec * k6AnswerSeconds) : 0
      const wanted = Math.max(connectionsFor(model.ratePerSec, assumedAnswerNs), Math.ceil(forStalls))
      return { connections: Math.min(most, wanted), maxConnections: most }
    }
    case 'closed-model':
      return { connections: model.users }
    case 'peak':
      return { connections: 50 }
  }
}

/** Requests a second, and connections, that one worker takes without being late, with room to spare. */
const ratePerWorker = 8000
const connectionsPerWorker = 5000

function workersFor(model: LoadModel, connections: number, cpus: number): number {
  const wanted = Math.max(
    model.kind === 'open-model' ? Math.ceil(model.ratePerSec / ratePerWorker) : 1,
    Math.ceil(connections / connectionsPerWorker),
  )
  return Math.min(wanted, cpus, connections)
}

/** Requests of a plan, to the nearest; null where that depends on the answers. */
export const plannedRequests = ({ model, stages }: Pick<LoadPlan, 'model' | 'stages'>): number | null =>
  model.kind === 'open-model' ? Math.round(plannedArrivals(model.ratePerSec, stages)) : null

function refuseWithoutThinkTime({ model }: LoadPlan, { thinkMs }: LoadProfile, shown: string): void {
  if (model.kind !== 'closed-model' || thinkMs !== undefined) return
  throw new UsageError(
    'THINK_TIME_MISSING',
    `${shown} has no thinkMs, the think time of a user between two requests, which --users needs; add thinkMs: { from: 1000, to: 5000 }, or load with --rate`,
  )
}

function refuseTooMany(plan: LoadPlan): void {
  const requests = plannedRequests(plan) ?? 0
  if (requests <= plan.maxRequests) return
  throw new UsageError(
    'TOO_MANY_REQUESTS',
    `this load is ${requests} requests, more than --max-requests ${plan.maxRequests}; lower --rate or --duration, or raise --max-requests`,
  )
}

function refuseIdleWorkers({ workers, connections }: LoadPlan): void {
  if (workers <= connections) return
  throw new UsageError(
    'IDLE_WORKERS',
    `${workers} workers share ${connections} connections; each needs one: lower --workers or raise --connections`,
  )
}
