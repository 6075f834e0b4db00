import { defineSweep, type SweepContext, type SweepPoint, type SweepStatements, type Value } from 'forgebench'
import { retrying, type RetryPolicy } from '../server/shared/retry.ts'
import { insertPrompt, newPrompt } from '../server/shared/statements.ts'

interface Setting {
  readonly driver: 'libsql' | '@tursodatabase/database'
  readonly begin: 'BEGIN IMMEDIATE' | 'BEGIN CONCURRENT'
  readonly journal: 'wal' | 'mvcc'
  readonly writers: number
  /** Rows that the updates go to: the fewer, the more writers meet. */
  readonly rows: number
}

const libsql = { driver: 'libsql', begin: 'BEGIN IMMEDIATE', journal: 'wal', rows: 100 } as const
const wal = { ...libsql, driver: '@tursodatabase/database' } as const
const mvcc = { ...wal, begin: 'BEGIN CONCURRENT', journal: 'mvcc' } as const

const series = (
  id: string,
  title: string,
  setting: Omit<Setting, 'writers'>,
): readonly SweepPoint<Setting>[] =>
  [1, 2, 4, 8, 16].map((writers) => ({
    id: `${id}-${writers}`,
    title: writers === 1 ? '1 writer' : `${writers} writers`,
    series: title,
    setting: { ...setting, writers },
  }))

/** Full jitter around the milliseconds that a transaction takes. */
const again: RetryPolicy = {
  attempts: 30,
  waitMs: (failed, random) => random * Math.min(2 ** (failed - 1), 64),
}

const updatePrompt = 'UPDATE prompts SET version = version + 1 WHERE id = ?'

/** One transaction: an insert, an update, and a turn for the other writers before it commits. */
async function write(
  connection: SweepStatements,
  { begin }: Setting,
  ids: readonly Value[],
  context: SweepContext,
): Promise<void> {
  await connection.execute(begin)
  try {
    await connection.execute(insertPrompt, newPrompt(context, 'written'))
    await connection.execute(updatePrompt, [ids[Math.floor(context.random() * ids.length)] ?? null])
    await context.sleep(0)
    await connection.execute('COMMIT')
  } catch (error) {
    // The engine may have rolled back already.
    await connection.execute('ROLLBACK').catch(() => undefined)
    throw error
  }
}

export default defineSweep<Setting>({
  title: 'Do writers get more done with BEGIN CONCURRENT?',
  why: 'SQLite and libSQL let one writer in at a time. The rewrite of Turso has a mode in which transactions run side by side and only those that change the same row must try again (PRAGMA journal_mode = mvcc, BEGIN CONCURRENT). What that is worth shows in transactions that wait for something of the application before they commit, and in how often they have to be tried again.',
  fresh: 'point',
  seconds: 0.6,
  scale: 0.01,
  claims: [],
  metrics: [
    { id: 'perSecond', title: 'transactions', unit: 'a second', better: 'higher' },
    { id: 'p95', title: 'P95 with retries', unit: 'ms', better: 'lower' },
    { id: 'conflicts', title: 'conflicts', unit: 'in 100 transactions', better: 'lower' },
    { id: 'failed', title: 'given up after 30 attempts', unit: '%', better: 'lower' },
  ],
  knee: { throughput: 'perSecond', latency: 'p95' },
  points: [
    ...series('libsql', 'libSQL, WAL, BEGIN IMMEDIATE', libsql),
    ...series('turso-wal', 'Turso, WAL, BEGIN IMMEDIATE', wal),
    ...series('turso-mvcc', 'Turso, MVCC, BEGIN CONCURRENT', mvcc),
    ...series('turso-hot', 'Turso, MVCC, BEGIN CONCURRENT, all on one row', { ...mvcc, rows: 1 }),
  ],
  measure: async ({ setting }, context) => {
    const { driver, journal, writers, rows } = setting
    const found = await context.rows(`SELECT id FROM prompts ORDER BY id LIMIT ${rows}`)
    const ids = found.map(([id]) => id ?? null)
    // The mode is the file's: it is set once, by the first connection.
    const first = await context.connect({ driver })
    await first.query(`PRAGMA journal_mode = ${journal}`)
    const pragmas = ['PRAGMA synchronous = NORMAL']
    const connections = await Promise.all(
      Array.from({ length: writers }, () => context.connect({ driver, pragmas })),
    )
    let attempts = 0
    let committed = 0
    const call = async (worker: number): Promise<void> => {
      const connection = connections[worker] ?? first
      const tried = (): void => void attempts++
      await retrying(again, context, tried, () => write(connection, setting, ids, context))
      committed += 1
    }
    const loop = await context.closedLoop({ workers: writers, call })
    const [[stored = null] = []] = await first.query("SELECT count(*) FROM prompts WHERE title = 'written'")
    if (Number(stored) !== committed) {
      throw new Error(`${committed} transactions were acknowledged and ${Number(stored)} are stored`)
    }
    const calls = loop.succeeded + loop.failed
    return {
      perSecond: loop.perSecond,
      p95: loop.p95Ms,
      conflicts: committed === 0 ? null : (100 * (attempts - committed)) / committed,
      failed: calls === 0 ? null : (100 * loop.failed) / calls,
    }
  },
})
