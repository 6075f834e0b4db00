import type { Row } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'

/** Reads whose pages are to be held in memory. */
export interface CacheMemoryTask {
  readonly path: string
  readonly reads: readonly { readonly sql: string; readonly args: readonly Row[] }[]
}

/** Large enough (in KiB) that SQLite never drops a page. */
const unboundedCache = 'PRAGMA cache_size = -8000000'

/**
 * Resident memory, in bytes, that the page cache takes to hold every page the reads touch: growth of the process
 * while they run with an unbounded cache, after some of them ran with SQLite's default cache to warm all else.
 */
export async function cacheMemoryBytes(task: CacheMemoryTask): Promise<number> {
  runAll(warmUp(task), []).close()
  globalThis.gc?.()
  const beforeBytes = process.memoryUsage.rss()
  const connection = runAll(task, [unboundedCache])
  globalThis.gc?.()
  const grownBytes = process.memoryUsage.rss() - beforeBytes
  connection.close()
  return grownBytes
}

const warmUpTuples = 16

const warmUp = ({ path, reads }: CacheMemoryTask): CacheMemoryTask => ({
  path,
  reads: reads.map(({ sql, args }) => ({ sql, args: args.slice(0, warmUpTuples) })),
})

function runAll(task: CacheMemoryTask, pragmas: readonly string[]): NativeConnection {
  const connection = new NativeConnection(task.path, { readOnly: true, pragmas })
  for (const { sql, args } of task.reads) {
    const statement = connection.prepare(sql)
    for (const tuple of args) statement.all(tuple)
  }
  return connection
}
