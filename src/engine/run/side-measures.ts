import { errorAt } from '../../core/error-text.ts'
import { atMost } from '../../measure/at-most.ts'
import { runInChild } from '../../measure/child-process.ts'
import type { CacheMemoryTask } from './cache-memory.ts'
import type { IndexBuild, IndexBuildTask } from '../experiment/index-build.ts'
import type { Measurement } from '../experiment/measurement.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'

const suffix = import.meta.url.slice(-3)
const buildEntry = new URL(`../experiment/index-build.process${suffix}`, import.meta.url)
const cacheEntry = new URL(`./cache-memory.process${suffix}`, import.meta.url)
const repetitions = 3
/** No clock runs while caches are weighed. */
const processesAtOnce = 2
/** Tuples of each read: enough to touch most of what the application would. */
const cacheTuples = 256

/** Build time of every index that a variant has and the baseline has not, on the variant's throw-away clone. */
export async function timeBuilds({
  loaded,
  variants,
  options,
}: Measurement): Promise<ReadonlyMap<string, readonly IndexBuild[]>> {
  const known = new Set(variants[0]?.stage.indexes.map(({ name }) => name))
  const result = new Map<string, readonly IndexBuild[]>()
  for (const { id, driver, stage, clonePath: path } of variants) {
    const indexes = stage.indexes.filter(({ name }) => !known.has(name))
    if (path === null || indexes.length === 0 || driver === '@libsql/client') continue
    const task: IndexBuildTask = { path, indexes, repetitions }
    const builds = runInChild<IndexBuildTask, readonly IndexBuild[]>(buildEntry, task, options.signal)
    const placed = builds.catch((error: unknown) => {
      throw errorAt(`${loaded.id}, ${id}, building indexes`, error, [path])
    })
    result.set(id, await placed)
  }
  return result
}

/** Page-cache memory that the reads fill, per variant with statistics, where the scenario asks for it. */
export async function weighCaches(
  { loaded, variants, options }: Measurement,
  drawn: readonly DrawnOperation[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (loaded.scenario.cacheMemory !== true) return new Map()
  const weighed = variants.filter(
    ({ driver, statistics }) => driver !== '@libsql/client' && statistics === 'analyzed',
  )
  const weights = await atMost(processesAtOnce, weighed, async ({ id, stage }) => {
    const reads = drawn
      .flatMap(({ sides }) => sides)
      .filter(({ variant, operation }) => variant === id && operation.kind === 'read')
      .map(({ operation, args }) => ({ sql: operation.sql, args: args.slice(0, cacheTuples) }))
    const task: CacheMemoryTask = { path: stage.path, reads }
    const bytes: number[] = []
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const weight = runInChild<CacheMemoryTask, number>(cacheEntry, task, options.signal)
      const placed = weight.catch((error: unknown) => {
        throw errorAt(`${loaded.id}, ${id}, memory of the page cache`, error, [task.path])
      })
      bytes.push(await placed)
    }
    return [id, bytes] as const
  })
  return new Map(weights)
}
