import type { LoadContext } from '../../load/engine.ts'
import { watchHost } from '../../load/host/host-watch.ts'
import type { LoadPlan } from '../../load/load-plan.ts'
import { checkLimits, fitConnections, readLimits } from '../../load/target/limits.ts'
import { receivedCount } from '../../load/target/received-count.ts'
import type { LoadMeasurement, LoadRun } from '../../run/load/load-run.ts'
import { assembleLoadRun } from './assemble-load.ts'
import { loadEngines, type LoadEngineName } from './load-engines.ts'
import type { PreparedLoad } from './prepare-load.ts'
import { addedRows, createdTables, type RowCounter, type RowCounts } from './row-counter.ts'
import { tryTarget } from './try-target.ts'

export interface MeasureLoadOptions {
  readonly engine: LoadEngineName
  /** Counts rows in the database behind the API; undefined where that is not known. */
  readonly rows: RowCounter | undefined
  /** Also measure what this machine can do without the target. */
  readonly floor: boolean
  /** The bearer token of the plan's variable; in no plan and no file. */
  readonly token: string | undefined
  /** Version of forgebench. */
  readonly version: string
}

/**
 * One load from the first request to the Run: the target is tried, the engine sends, and what it says is set beside
 * what the target counted and what its database holds.
 * @throws UsageError, TargetError before the load begins; afterwards only when the engine itself dies
 */
export async function measureLoad(
  asked: PreparedLoad,
  { engine: name, rows, floor: wantsFloor, token, version }: MeasureLoadOptions,
  context: LoadContext,
): Promise<LoadRun> {
  const engine = await loadEngines[name]()
  const limits = await readLimits()
  const processes = isOneProcess(name) ? 1 : asked.plan.workers
  checkLimits({ ...asked.plan, workers: processes }, limits)
  const { server, notes, probe: answers } = await tryTarget(asked, token, name)
  for (const text of notes) context.emit({ kind: 'warning', text })
  const plan = fitConnections(asked.plan, answers.maxNs, limits, processes)
  const prepared = { ...asked, plan }
  const { thresholds } = prepared
  const floor = name === 'open' && wantsFloor ? await tryMachine(plan, context) : null
  const weights = prepared.loaded.profile.mixes[plan.mix] ?? {}
  const tables = createdTables(prepared.loaded.profile, (op) => (weights[op] ?? 0) > 0)
  const rowsBefore = await rows?.(tables)
  const receivedBefore = await receivedCount(plan, token)
  const startedAt = new Date()
  const { measurement, host } = await watched(plan, () => engine(plan, { ...context, thresholds }))
  const finishedAt = new Date()
  const endedBy = context.early?.endedBy()
  const receivedAfter = await receivedCount(plan, token)
  const counted = await countAfterwards(rows, tables)
  return assembleLoadRun(prepared, {
    engine: name,
    version,
    startedAt,
    finishedAt,
    server,
    limits,
    floor,
    probe: answers,
    host,
    measurement: {
      ...measurement,
      ...(endedBy === undefined ? {} : { endedBy }),
      notes: [...notes, ...measurement.notes, ...counted.notes],
    },
    reconciliation:
      measurement.segment === undefined
        ? {
            received: difference(receivedBefore, receivedAfter),
            rows: addedRows(measurement.created, rowsBefore, counted.rows),
          }
        : // Others send the rest of the load meanwhile.
          { received: null, rows: [] },
  })
}

/** Measures with a watcher beside it, which says how busy this machine was in the measured phase. */
async function watched(
  plan: LoadPlan,
  measure: () => Promise<LoadMeasurement>,
): Promise<{ readonly measurement: LoadMeasurement; readonly host: LoadRun['host'] }> {
  const watch = watchHost()
  try {
    const measurement = await measure()
    const toMs = Date.now()
    const host = await watch.stop({ fromMs: toMs - (measurement.seconds - plan.warmUpSeconds) * 1000, toMs })
    return { measurement, host }
  } finally {
    watch.kill()
  }
}

/** k6 holds all connections in a process of its own. */
const isOneProcess = (engine: string): boolean => engine === 'k6'

/** What `open` can do here, against a server that does nothing: what it cannot do there, no target is to blame for. */
async function tryMachine(plan: LoadPlan, { emit, signal }: LoadContext): Promise<LoadRun['floor']> {
  emit({ kind: 'step', text: 'measuring what this machine can do without the target, for about 3 s' })
  const { measureFloor } = await import('../../load/open/floor.ts')
  return measureFloor(plan, signal)
}

/** A failure now must not cost the run that has just been measured. */
async function countAfterwards(
  rows: RowCounter | undefined,
  tables: readonly string[],
): Promise<{ readonly rows?: RowCounts; readonly notes: readonly string[] }> {
  if (rows === undefined) return { notes: [] }
  try {
    return { rows: await rows(tables), notes: [] }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { notes: [`rows could not be counted after the load: ${why}`] }
  }
}

/** A counter that has fallen is that of another process: the target was started anew meanwhile. */
const difference = (before: number | null, after: number | null): number | null =>
  before === null || after === null || after < before ? null : after - before
