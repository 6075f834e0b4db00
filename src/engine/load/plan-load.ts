import { UsageError } from '../../core/errors.ts'
import { connectionsFor } from '../../core/littles-law.ts'
import { defaultMaxConnections } from '../../load/fit-connections.ts'
import { plannedSeconds, type LoadModel, type LoadPlan, type PlannedStage } from '../../load/load-plan.ts'
import { defaultStages, type LoadProfile, type LoadStage } from '../../scenario/load-profile.ts'
import type { LoadTls } from '../../load/load-tls.ts'
import type { LoadedProfile } from '../../scenario/load-profile-file.ts'

/** What the command line says of a load; undefined where it leaves the choice to us. */
export interface LoadWishes {
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
 * Turns a profile and wishes into a plan; `cpus` is the number of processors of this machine.
 * @throws UsageError MIX_UNKNOWN, THINK_TIME_MISSING, TOO_MANY_REQUESTS or IDLE_WORKERS
 */
export function planLoad(
  { path, shown, profile, dataPath }: LoadedProfile,
  wishes: LoadWishes,
  cpus: number,
): LoadPlan {
  const { url, seed, model, connectRatePerSec, timeoutMs, maxRequests, tokenEnv } = wishes
  const mixes = Object.keys(profile.mixes)
  const mix = wishes.mix ?? mixes[0] ?? ''
  if (!mixes.includes(mix)) {
    throw new UsageError('MIX_UNKNOWN', `${shown} has no mix ${mix}; it has ${mixes.join(', ')}`)
  }
  const { connections, ...growth } = planConnections(wishes)
  const plan: LoadPlan = {
    url,
    profilePath: path,
    dataPath: wishes.dataPath ?? dataPath,
    mix,
    seed,
    model,
    ...planStages(profile.stages ?? defaultStages, wishes.seconds),
    connections,
    ...growth,
    connectRatePerSec,
    timeoutMs,
    maxRequests,
    workers: wishes.workers ?? workersFor(model, connections, cpus),
    tokenEnv,
    ...(wishes.tls === undefined ? {} : { tls: wishes.tls }),
  }
  refuseUnpaced(plan, profile, shown)
  refuseTooMany(plan)
  refuseIdleWorkers(plan)
  return plan
}

/**
 * The stages of a profile, each from the level where the last one ended. Where a length is wished for, the longest
 * stage, which is measured, gets what the others leave, and they shrink to half of it at most.
 */
function planStages(
  stages: readonly LoadStage[],
  wishedSeconds: number | undefined,
): Pick<LoadPlan, 'stages' | 'warmUpSeconds'> {
  const lengths = stages.map(({ seconds }) => seconds)
  const hold = lengths.indexOf(Math.max(...lengths))
  const others = sum(lengths) - (lengths[hold] ?? 0)
  const total = wishedSeconds ?? sum(lengths)
  const shrink = wishedSeconds === undefined || others === 0 ? 1 : Math.min(1, total / 2 / others)
  const planned = stages.map(({ seconds, level }, index): PlannedStage => ({
    seconds: index === hold ? total - others * shrink : seconds * shrink,
    fromLevel: stages[index - 1]?.level ?? 0,
    toLevel: level,
  }))
  return { stages: planned, warmUpSeconds: plannedSeconds({ stages: planned.slice(0, hold) }) }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** An answer is taken to need so long before the target has been tried. */
const assumedAnswerNs = 0.1e9
/** k6 makes virtual users slowly while it sends, and drops what finds none: a stall of a second costs nothing. */
const k6AnswerSeconds = 1
const mostVirtualUsers = 2000

/** The pool before the target is tried (`fitConnections`): by Little's law for arrivals; a user has a connection of their own. */
function planConnections({
  model,
  whenBusy,
  connections,
  maxConnections: most = defaultMaxConnections,
}: LoadWishes): Pick<LoadPlan, 'connections' | 'maxConnections'> {
  if (connections !== undefined) return { connections }
  switch (model.kind) {
    case 'arrivals': {
      const forStalls =
        whenBusy === 'drops' ? Math.min(mostVirtualUsers, model.ratePerSec * k6AnswerSeconds) : 0
      const wanted = Math.max(connectionsFor(model.ratePerSec, assumedAnswerNs), Math.ceil(forStalls))
      return { connections: Math.min(most, wanted), maxConnections: most }
    }
    case 'users':
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
    model.kind === 'arrivals' ? Math.ceil(model.ratePerSec / ratePerWorker) : 1,
    Math.ceil(connections / connectionsPerWorker),
  )
  return Math.min(wanted, cpus, connections)
}

/** Requests that arrivals of a plan make, to the nearest; null where that depends on the answers. */
export function plannedArrivals({ model, stages }: Pick<LoadPlan, 'model' | 'stages'>): number | null {
  if (model.kind !== 'arrivals') return null
  const levelSeconds = stages.reduce(
    (sum, { seconds, fromLevel, toLevel }) => sum + (seconds * (fromLevel + toLevel)) / 2,
    0,
  )
  return Math.round(model.ratePerSec * levelSeconds)
}

function refuseUnpaced({ model }: LoadPlan, { thinkMs }: LoadProfile, shown: string): void {
  if (model.kind !== 'users' || thinkMs !== undefined) return
  throw new UsageError(
    'THINK_TIME_MISSING',
    `${shown} has no thinkMs, the pause of a user between two requests, which --users needs; add thinkMs: { from: 1000, to: 5000 }, or load with --rate`,
  )
}

function refuseTooMany(plan: LoadPlan): void {
  const arrivals = plannedArrivals(plan) ?? 0
  if (arrivals <= plan.maxRequests) return
  throw new UsageError(
    'TOO_MANY_REQUESTS',
    `this load is ${arrivals} requests, more than --max-requests ${plan.maxRequests}; lower --rate or --duration, or raise --max-requests`,
  )
}

function refuseIdleWorkers({ workers, connections }: LoadPlan): void {
  if (workers <= connections) return
  throw new UsageError(
    'IDLE_WORKERS',
    `${workers} workers share ${connections} connections; each needs one: lower --workers or raise --connections`,
  )
}
