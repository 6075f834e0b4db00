import { atMost } from '../../core/at-most.ts'
import { monotonicClock, type Clock } from '../../measure/clock.ts'
import type { VariantRun } from '../../run/run.ts'
import type { Row } from '../../target/connection.ts'
import { defaultDriver } from '../../target/drivers.ts'
import { NativeConnection } from '../../target/native.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import type { Measurement } from '../experiment/measurement.ts'
import { inVariantProcess } from '../experiment/variant-process.ts'

type IndexBuilds = VariantRun['indexBuilds']

/** What a process of a variant has to do beside the rounds. */
export type SideTask = IndexBuildTask | CacheMemoryTask

interface IndexBuildTask {
  readonly kind: 'index builds'
  /** A throw-away clone. */
  readonly path: string
  /** Indexes to build again. */
  readonly indexes: readonly { readonly name: string; readonly sql: string }[]
}

interface CacheMemoryTask {
  readonly kind: 'cache memory'
  readonly path: string
  /** Reads whose pages are to be held in memory. */
  readonly reads: readonly { readonly sql: string; readonly args: readonly Row[] }[]
}

const entry = new URL(`./side-measures.process${import.meta.url.slice(-3)}`, import.meta.url)
const repetitions = 3
/** No clock runs while memory is measured. */
const processesAtOnce = 2
/** Tuples of each read: enough to touch most of what the application would. */
const cacheTuples = 256

/** Build time of every index that a variant has and the baseline has not, on the variant's throw-away clone. */
export async function timeIndexBuilds(measurement: Measurement): Promise<ReadonlyMap<string, IndexBuilds>> {
  const { variants } = measurement
  const known = new Set(variants[0]?.stage.indexes.map(({ name }) => name))
  const result = new Map<string, IndexBuilds>()
  for (const variant of variants) {
    const { id, driver, stage, clonePath: path } = variant
    const indexes = stage.indexes.filter(({ name }) => !known.has(name))
    if (path === null || indexes.length === 0 || driver !== defaultDriver) continue
    const task: SideTask = { kind: 'index builds', path, indexes }
    result.set(
      id,
      await inVariantProcess<SideTask, IndexBuilds>(measurement, variant, 'building indexes', entry, task),
    )
  }
  return result
}

/** Drops and creates each index again, repetition after repetition, and times the CREATE with its commit. */
export function buildIndexes({ path, indexes }: IndexBuildTask, clock: Clock = monotonicClock): IndexBuilds {
  const connection = new NativeConnection(path)
  const builds = new Map<string, number[]>(indexes.map(({ name }) => [name, []]))
  try {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const { name, sql } of indexes) {
        connection.scriptSync(`DROP INDEX ${quoteIdentifier(name)}`)
        const startNs = clock.nowNs()
        connection.scriptSync(sql)
        builds.get(name)?.push(clock.nowNs() - startNs)
      }
    }
  } finally {
    connection.close()
  }
  return [...builds].map(([index, buildNs]) => ({ index, buildNs }))
}

/** Page-cache memory that the reads fill, per variant with statistics, where the scenario asks for it. */
export async function measureCacheMemory(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (measurement.loaded.scenario.cacheMemory !== true) return new Map()
  const measured = measurement.variants.filter(
    ({ driver, statistics }) => driver === defaultDriver && statistics === 'analyzed',
  )
  const found = await atMost(processesAtOnce, measured, async (variant) => {
    const reads = drawn
      .flatMap(({ sides }) => sides)
      .filter((side) => side.variant === variant.id && side.operation.kind === 'read')
      .map(({ operation, args }) => ({ sql: operation.sql, args: args.slice(0, cacheTuples) }))
    const task: SideTask = { kind: 'cache memory', path: variant.stage.path, reads }
    const bytes: number[] = []
    for (let repetition = 0; repetition < repetitions; repetition++) {
      bytes.push(
        await inVariantProcess<SideTask, number>(
          measurement,
          variant,
          'memory of the page cache',
          entry,
          task,
        ),
      )
    }
    return [variant.id, bytes] as const
  })
  return new Map(found)
}

/** Large enough (in KiB) that SQLite never drops a page. */
const unboundedCache = 'PRAGMA cache_size = -8000000'
const warmUpTuples = 16

/**
 * Resident memory, in bytes, that the page cache takes to hold every page the reads touch: growth of the process
 * while they run with an unbounded cache, after some of them ran with SQLite's default cache to warm all else.
 */
export function cacheMemoryBytes({ path, reads }: CacheMemoryTask): number {
  const first = reads.map(({ sql, args }) => ({ sql, args: args.slice(0, warmUpTuples) }))
  runAll(path, first, []).close()
  globalThis.gc?.()
  const beforeBytes = process.memoryUsage.rss()
  const connection = runAll(path, reads, [unboundedCache])
  globalThis.gc?.()
  const grownBytes = process.memoryUsage.rss() - beforeBytes
  connection.close()
  return grownBytes
}

function runAll(path: string, reads: CacheMemoryTask['reads'], pragmas: readonly string[]): NativeConnection {
  const connection = new NativeConnection(path, { readOnly: true, pragmas })
  for (const { sql, args } of reads) {
    const statement = connection.prepare(sql)
    for (const tuple of args) statement.all(tuple)
  }
  return connection
}
