import { join } from 'node:path'
import { atMost } from '../core/at-most.ts'
import { runInChild } from '../measure/child-process.ts'
import { datasetMigrations, ownSchema } from '../schema/dataset-migrations.ts'
import { findMigrations } from '../schema/find-migrations.ts'
import type { Migration } from '../schema/migration.ts'
import { cacheFolder, makeCacheFolder } from '../target/cache-folder.ts'
import { engineVersions } from '../target/versions.ts'
import type { BuildStageTask, StageFacts } from './build-stage.ts'
import { cachedDatabase } from './cached-database.ts'
import { filledDatabase, type FilledDatabase } from './filled-database.ts'
import { pruneStages } from './prune-stages.ts'
import { stageKey, type StagePlan } from './stage-plan.ts'
import type { Stage } from './stage.ts'

export interface StagingOptions {
  readonly signal: AbortSignal
  readonly onSeeding: (rowsDone: number, rowsTotal: number) => void
  readonly onStaged: (done: number, total: number) => void
  /** What stands in a migration and is not run; once for each. */
  readonly onNote?: (note: string) => void
}

/** A stage to make or to find: its cache folder and what it is made of. */
interface Order {
  readonly plan: StagePlan
  readonly folder: string
  readonly filled: FilledDatabase
  /** Of `initial` and the plan's migrations. */
  readonly checksums: readonly string[]
}

/** A stage that is there, with what it was made from. */
interface Finished extends Pick<Order, 'filled' | 'checksums'> {
  readonly stage: Stage
}

const entry = new URL(`./build-stage.process${import.meta.url.slice(-3)}`, import.meta.url)
const processesAtOnce = 2

/** The stage that was made of a plan. @throws RangeError for a plan that was not asked to be staged */
export type StageOf = (plan: StagePlan) => Stage

/**
 * A database for every plan; equal plans share one. What the cache holds whole is used, the rest is
 * made: filled, cloned, migrated, analysed, two at a time. Each is complete in the cache or not there.
 * @throws UsageError for an unknown migration; one for a migration that fails; TargetError when the disk is full
 */
export async function stageDatabases(plans: readonly StagePlan[], options: StagingOptions): Promise<StageOf> {
  const root = join(cacheFolder(), 'stages')
  await makeCacheFolder(root)
  const orders = await placeOrders(plans, root, options)
  const distinct = [...new Map(orders.map((order) => [order.folder, order])).values()]
  await pruneStages(root, new Set(distinct.map(({ folder }) => folder)))
  const finished = new Map<string, Finished>()
  // Without statistics first: with them is the same database plus ANALYZE.
  for (const statistics of ['none', 'analyzed'] as const) {
    const wave = distinct.filter(({ plan }) => plan.statistics === statistics)
    await atMost(processesAtOnce, wave, async (order) => {
      const stage = await findOrMake(order, [...finished.values()], options.signal)
      finished.set(order.folder, { ...order, stage })
      options.onStaged(finished.size, distinct.length)
    })
  }
  const folders = new Map(orders.map(({ plan, folder }) => [plan, folder]))
  return (plan) => {
    const made = finished.get(folders.get(plan) ?? 'no folder')
    if (made === undefined) throw new RangeError('this plan was not staged')
    return made.stage
  }
}

/** The database of a single plan. Throws as `stageDatabases`. */
export const stageDatabase = async (plan: StagePlan, options: StagingOptions): Promise<Stage> =>
  (await stageDatabases([plan], options))(plan)

async function placeOrders(
  plans: readonly StagePlan[],
  root: string,
  options: StagingOptions,
): Promise<readonly Order[]> {
  // Before hours go by with filling a database, what is said of its migrations is checked.
  for (const plan of plans) await migrationsOf(plan, plan.dataset.schema ?? ownSchema)
  const filled = new Map<string, FilledDatabase>()
  const engineVersion = engineVersions().libsql
  const notes = new Set<string>()
  const orders: Order[] = []
  for (const plan of plans) {
    const { dataset, data } = plan
    const key = JSON.stringify([dataset.name, data])
    const source =
      filled.get(key) ??
      (await filledDatabase(dataset, data, { signal: options.signal, onProgress: options.onSeeding }))
    filled.set(key, source)
    const migrations = await migrationsOf(plan, source.schema)
    for (const note of migrations.flatMap((migration) => migration.notes)) notes.add(note)
    const checksums = migrations.map(({ checksum }) => checksum)
    const ground = { dataDigest: source.digest, checksums, engineVersion }
    orders.push({ plan, folder: join(root, stageKey(plan, ground)), filled: source, checksums })
  }
  for (const note of notes) options.onNote?.(note)
  return orders
}

/** `initial` and the migrations of a plan. */
const migrationsOf = async (
  { migrations, migrationsFolder }: StagePlan,
  schema: FilledDatabase['schema'],
): Promise<readonly Migration[]> =>
  findMigrations(await datasetMigrations(schema, migrationsFolder), ['initial', ...migrations])

async function findOrMake(order: Order, finished: readonly Finished[], signal: AbortSignal): Promise<Stage> {
  const { plan, folder, filled, checksums } = order
  const bare = finished.find(
    ({ stage, ...other }) =>
      stage.plan.statistics === 'none' &&
      JSON.stringify([other.filled.path, other.checksums]) === JSON.stringify([filled.path, checksums]),
  )
  const { path, facts } = await cachedDatabase<StageFacts>(folder, (building) =>
    runInChild<BuildStageTask, StageFacts>(
      entry,
      {
        schema: filled.schema,
        migrationsFolder: plan.migrationsFolder,
        migrations: plan.migrations,
        statistics: plan.statistics,
        source: bare === undefined ? 'filled' : 'stage',
        sourcePath: bare?.stage.path ?? filled.path,
        path: building,
      },
      signal,
    ),
  )
  return { plan, path, dataDigest: filled.digest, ...facts }
}
