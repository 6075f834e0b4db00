import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorAt } from '../core/error-text.ts'
import { TargetError } from '../core/errors.ts'
import { atMost } from '../measure/at-most.ts'
import { runInChild } from '../measure/child-process.ts'
import { findMigrations } from '../schema/find-migrations.ts'
import { projectMigrations, type Migration } from '../schema/migration.ts'
import { cacheFolder, makeCacheFolder, seededDatabase } from '../reference/seed/cache.ts'
import { readSeedRecord } from '../reference/seed/seed-record.ts'
import { asFileError } from '../target/file-error.ts'
import { engineVersions } from '../target/versions.ts'
import { fileSealShape, isAsSealed, sealCheck, sealFile } from '../reference/seed/file-seal.ts'
import type { BuildStageTask, StageFacts } from './build-stage.ts'
import { stageKey, type StageData, type StagePlan } from './stage-plan.ts'
import { pruneStages } from './prune-stages.ts'
import type { Stage } from './stage.ts'

export interface StagingOptions {
  readonly signal: AbortSignal
  readonly onSeeding: (rowsDone: number, rowsTotal: number) => void
  readonly onStaged: (done: number, total: number) => void
  /** What stands in a migration and is not run; once for each. */
  readonly onNote?: (note: string) => void
}

/** Seeded rows that stages are made from. */
interface SeededDatabase {
  readonly path: string
  readonly digest: string
}

/** A stage to make or to find: its cache folder and what it is made of. */
interface Order {
  readonly plan: StagePlan
  readonly folder: string
  readonly seeded: SeededDatabase
  /** Of `initial` and the plan's migrations. */
  readonly checksums: readonly string[]
}

/** A stage that is there, with what it was made from. */
interface Finished {
  readonly stage: Stage
  readonly checksums: readonly string[]
}

const entry = new URL(`./build-stage.process${import.meta.url.slice(-3)}`, import.meta.url)
const processesAtOnce = 2

/** The stage that was made of a plan. @throws RangeError for a plan that nobody asked to be staged */
export type StageOf = (plan: StagePlan) => Stage

/**
 * A database for every plan; equal plans share one. What the cache holds whole is used, the rest is
 * made: seeded, cloned, migrated, analysed, two at a time. Each is complete in the cache or not there.
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
      finished.set(order.folder, { stage, checksums: order.checksums })
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
  const available = new Map<string | undefined, readonly Migration[]>()
  for (const { migrationsFolder } of plans) {
    if (available.has(migrationsFolder)) continue
    available.set(migrationsFolder, await projectMigrations(migrationsFolder))
  }
  const seeded = new Map<string, SeededDatabase>()
  for (const { data } of plans) {
    const key = JSON.stringify(data)
    if (!seeded.has(key)) seeded.set(key, await seededData(data, options))
  }
  const engineVersion = engineVersions().libsql
  const notes = new Set<string>()
  const orders = plans.map((plan) => {
    const source = seeded.get(JSON.stringify(plan.data)) as SeededDatabase
    const known = available.get(plan.migrationsFolder) ?? []
    const migrations = findMigrations(known, ['initial', ...plan.migrations])
    for (const note of migrations.flatMap((migration) => migration.notes)) notes.add(note)
    const checksums = migrations.map(({ checksum }) => checksum)
    const ground = { dataDigest: source.digest, checksums, engineVersion }
    return { plan, folder: join(root, stageKey(plan, ground)), seeded: source, checksums }
  })
  for (const note of notes) options.onNote?.(note)
  return orders
}

async function seededData(data: StageData, { signal, onSeeding }: StagingOptions): Promise<SeededDatabase> {
  const path = await seededDatabase(data, { signal, onProgress: onSeeding })
  const record = await readSeedRecord(path)
  if (record === undefined) {
    throw new TargetError('TARGET_CORRUPT', `${path} vanished or changed while it was read; run again`)
  }
  return { path, digest: record.digest.all }
}

async function findOrMake(order: Order, finished: readonly Finished[], signal: AbortSignal): Promise<Stage> {
  const facts = (await readFacts(order.folder)) ?? (await make(order, finished, signal))
  const now = new Date()
  await utimes(order.folder, now, now)
  return {
    plan: order.plan,
    path: join(order.folder, databaseName),
    dataDigest: order.seeded.digest,
    ...facts,
  }
}

const databaseName = 'database.db'
const factsName = 'stage.json'
const sealName = 'seal.json'

/**
 * The facts of a stage that is whole. They are written last and the folder gets its name after them; a database that is
 * not as it was sealed then was damaged, and is made anew.
 */
async function readFacts(folder: string): Promise<StageFacts | undefined> {
  try {
    const seal = fileSealShape.parse(JSON.parse(await readFile(join(folder, sealName), 'utf8')))
    if (!(await isAsSealed(join(folder, databaseName), seal, sealCheck()))) return undefined
    return JSON.parse(await readFile(join(folder, factsName), 'utf8')) as StageFacts
  } catch {
    return undefined
  }
}

async function make(
  { plan, folder, seeded, checksums }: Order,
  finished: readonly Finished[],
  signal: AbortSignal,
): Promise<StageFacts> {
  const building = `${folder}.building-${process.pid}`
  const bare = finished.find(
    (other) =>
      other.stage.plan.statistics === 'none' &&
      JSON.stringify([other.stage.plan.data, other.checksums]) === JSON.stringify([plan.data, checksums]),
  )?.stage
  const task: BuildStageTask = {
    plan,
    source: bare === undefined ? 'seeded' : 'stage',
    sourcePath: bare?.path ?? seeded.path,
    path: join(building, databaseName),
  }
  try {
    await rm(building, { recursive: true, force: true })
    await mkdir(building)
    const facts = await runInChild<BuildStageTask, StageFacts>(entry, task, signal)
    // Nobody has it open any more: its log is empty, and its index of it says nothing.
    for (const part of ['-wal', '-shm']) await rm(`${task.path}${part}`, { force: true })
    await writeFile(join(building, sealName), JSON.stringify(await sealFile(task.path)))
    await writeFile(join(building, factsName), JSON.stringify(facts))
    await rename(building, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
      // Another process made the same stage meanwhile, and the two are alike; or only remains lie there.
      if ((await readFacts(folder)) !== undefined) return
      await rm(folder, { recursive: true, force: true })
      await rename(building, folder)
    })
    return facts
  } catch (error) {
    throw errorAt('', asFileError(error, building), [task.path, `${task.path}.compact`])
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}
