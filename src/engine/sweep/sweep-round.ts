import { setTimeout as sleep } from 'node:timers/promises'
import { errorAt, errorText } from '../../core/error-text.ts'
import { ForgebenchError, InvalidMeasurementError, UsageError } from '../../core/errors.ts'
import { randomSequence, streamKey, uuidV4, type UuidBits } from '../../random/random.ts'
import type { Sweep, SweepPoint, SweepValues } from '../../scenario/sweep/sweep.ts'
import type {
  SweepConnectionOptions,
  SweepContext,
  SweepStatements,
  SweepTarget,
  SweepTargetOptions,
} from '../../scenario/sweep/sweep-context.ts'
import type { Tuple } from '../../scenario/value.ts'
import { closedLoop } from './closed-loop.ts'

/** What a round is asked to measure, as it crosses to its process. */
export interface SweepRoundTask {
  readonly id: string
  /** Absolute, of the sweep's file. */
  readonly path: string
  readonly round: number
  /** Ids of the points in the order in which they are measured. */
  readonly order: readonly string[]
  readonly seed: number
  readonly seconds: number
  /** The staged database. */
  readonly databasePath: string
  /** Folder for servers and copies, which the parent removes. */
  readonly folder: string
}

/** What a round measured. */
export interface SweepRoundResult {
  readonly values: readonly { readonly point: string; readonly values: SweepValues }[]
  /** What each way of the delaying proxies added, by what was asked. */
  readonly delays: readonly { readonly delayMs: number; readonly addedMs: readonly number[] }[]
  /** Servers that took part, in their own words. */
  readonly servers: readonly string[]
}

/** What a round needs of the world; a test passes its own. */
export interface SweepWorld {
  readonly nowMs: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly rows: (sql: string) => Promise<readonly Tuple[]>
  /** Targets of the same name on the same ground stand on one server or file. */
  readonly target: (ground: string, options: SweepTargetOptions) => Promise<SweepTarget>
  readonly connect: (ground: string, options: SweepConnectionOptions) => Promise<SweepStatements>
  /** Closes the targets and connections; ends the servers of every ground but `kept`. */
  readonly release: (kept?: string) => Promise<void>
  readonly report: () => Promise<Pick<SweepRoundResult, 'delays' | 'servers'>>
}

/**
 * Measures every point of a round once, in the order of the task.
 * @throws UsageError SWEEP_THROWS for a `measure` that throws; InvalidMeasurementError SWEEP_VALUE for one that gives no
 *   number, SWEEP_LATE for one that does not end; what targets throw. Each names the sweep, the point and the round.
 */
export async function sweepRound(
  task: SweepRoundTask,
  sweep: Sweep,
  world: SweepWorld,
): Promise<SweepRoundResult> {
  const values: { readonly point: string; readonly values: SweepValues }[] = []
  try {
    for (const id of task.order) {
      const point = sweep.points.find((each) => each.id === id)
      if (point === undefined) throw new RangeError(`the sweep has no point ${id} any more`)
      values.push({ point: id, values: await measurePoint(task, sweep, point, world) })
      await world.release(sweep.fresh === 'round' ? 'round' : undefined)
    }
    return { values, ...(await world.report()) }
  } finally {
    await world.release()
  }
}

async function measurePoint(
  task: SweepRoundTask,
  sweep: Sweep,
  point: SweepPoint,
  world: SweepWorld,
): Promise<SweepValues> {
  const place = `${task.id}, point ${point.id}, round ${task.round}`
  const ground = sweep.fresh === 'round' ? 'round' : point.id
  // In an async function of ours: one of JavaScript may throw before it returns a promise, or return none.
  const measure = async (): Promise<unknown> => sweep.measure(point, contextOf(task, point, ground, world))
  const given = await Promise.race([measure(), tooLate(place)]).catch((error: unknown) => {
    throw error instanceof ForgebenchError
      ? errorAt(place, error, [task.databasePath])
      : new UsageError('SWEEP_THROWS', `${place}: measure throws: ${errorText(error)}`, { cause: error })
  })
  return valuesOf(given, sweep, place)
}

/** Longer than any point should take: a call that is never answered must not hold up the run for ever. */
const longestPointMs = 60_000

async function tooLate(place: string): Promise<never> {
  await sleep(longestPointMs, undefined, { ref: false })
  throw new InvalidMeasurementError(
    'SWEEP_LATE',
    `${place}: measure did not end within ${longestPointMs / 1000} s; give what it waits for a limit`,
  )
}

/** The numbers that `measure` gave, metric by metric. */
function valuesOf(given: unknown, { metrics }: Sweep, place: string): SweepValues {
  const refuse = (what: string): InvalidMeasurementError =>
    new InvalidMeasurementError('SWEEP_VALUE', `${place}: measure gave ${what}`)
  if (typeof given !== 'object' || given === null) {
    throw refuse(`no object; return { ${metrics.map(({ id }) => `${id}: …`).join(', ')} }`)
  }
  const ids = metrics.map(({ id }) => id)
  const unknown = Object.keys(given).find((key) => !ids.includes(key))
  if (unknown !== undefined)
    throw refuse(`${JSON.stringify(unknown)}, which is none of its metrics: ${ids.join(', ')}`)
  return Object.fromEntries(
    ids.map((id) => {
      const value: unknown = Object.hasOwn(given, id) ? (given as Record<string, unknown>)[id] : undefined
      if (value === null || (typeof value === 'number' && Number.isFinite(value))) return [id, value]
      throw refuse(`no number for ${id} (${errorText(value)}); give null where it could not be measured`)
    }),
  )
}

function contextOf(task: SweepRoundTask, point: SweepPoint, ground: string, world: SweepWorld): SweepContext {
  // The same for every point of a round: what is asked does not depend on whom.
  const random = randomSequence(streamKey(task.seed, 'sweep', String(task.round)))
  // Points may share a server, and must not insert the same ids.
  const ids = randomSequence(streamKey(task.seed, 'sweep-ids', String(task.round), point.id))
  const word = (): number => Math.floor(ids() * 2 ** 32)
  return {
    seconds: task.seconds,
    round: task.round,
    random,
    newId: () => uuidV4([word(), word(), word(), word()] satisfies UuidBits),
    nowMs: world.nowMs,
    sleep: world.sleep,
    rows: world.rows,
    target: (options) => world.target(ground, options),
    connect: (options) => world.connect(ground, options),
    closedLoop: (options) => closedLoop({ seconds: task.seconds, ...options }, world.nowMs),
  }
}
