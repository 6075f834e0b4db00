import {
  defineSweep,
  type ClosedLoopOptions,
  type SweepContext,
  type SweepPoint,
  type SweepTarget,
} from 'forgebench'
import { jittered, none, ofReview, retrying, type RetryPolicy } from './shared/retry.ts'
import { insertPrompt, warmUp } from './shared/statements.ts'

/** What goes wrong while rows are inserted. */
interface Fault {
  readonly title: string
  readonly load: Pick<ClosedLoopOptions, 'workers'> & { readonly calls: number }
  readonly roundTripMs?: number
  /** Goes on until `isOver`. */
  readonly happens: (target: SweepTarget, context: SweepContext, isOver: () => boolean) => Promise<void>
}

const faults: Readonly<Record<string, Fault>> = {
  cut: {
    title: 'connections are cut every 100 ms',
    load: { workers: 8, calls: 120 },
    roundTripMs: 20,
    happens: async (target, { sleep }, isOver) => {
      while (!isOver()) {
        await sleep(100)
        target.cut()
      }
    },
  },
  restart: {
    title: 'the server is killed and comes back',
    load: { workers: 8, calls: 120 },
    roundTripMs: 20,
    happens: async (target, { sleep }) => {
      await sleep(100)
      await target.restart()
    },
  },
  overload: {
    title: '200 writers at once, more than the server takes',
    load: { workers: 200, calls: 400 },
    happens: () => Promise.resolve(),
  },
  contention: {
    title: 'long transactions of others hold the lock',
    load: { workers: 8, calls: 120 },
    happens: async (target, { sleep, newId }, isOver) => {
      while (!isOver()) {
        await target.transaction(async (inside) => {
          await inside.execute(insertPrompt, [newId(), 'of another'])
          await sleep(200)
        })
      }
    },
  },
}

interface Setting extends RetryPolicy {
  readonly fault: Fault
  /** Rows have one id however often they are sent, and a second one of that id is left out. */
  readonly hasKey: boolean
}

const policies = {
  none: { title: 'no retry', hasKey: false, ...none },
  review: { title: 'the review: 3 attempts, 0.5 to 5 s', hasKey: false, ...ofReview },
  jittered: { title: '8 attempts, jittered from 50 ms', hasKey: false, ...jittered },
  keys: { title: 'the same with idempotency keys', hasKey: true, ...jittered },
} as const

const onlyOnce = `${insertPrompt} ON CONFLICT (id) DO NOTHING`

const limit = { measure: 'sweep-limit' } as const

export default defineSweep<Setting>({
  title: 'What do retries save, and what do they cost?',
  why: 'The review (§6.2) requires retries on connection errors and timeouts: at most 3 attempts, with waits that grow from 0.5 s to 5 s. A retry helps only when it comes after the fault is over, and a write that was carried out but not answered is carried out again, unless the server can tell that it is the same one. Every call inserts one row, and an attempt without an answer ends after 2 s; afterwards the rows are counted.',
  fresh: 'point',
  claims: [
    {
      claim: 'C15',
      parts: [
        ...Object.keys(faults).map((fault) => ({
          ...limit,
          metric: 'succeeded',
          variant: `${fault}-review`,
          claimed: { atLeast: 99 },
        })),
        { ...limit, metric: 'twice', variant: 'cut-review', claimed: { atMost: 0 } },
        { ...limit, metric: 'twice', variant: 'cut-keys', claimed: { atMost: 0 } },
      ],
      note: 'The review names no number: 99 % of calls that succeed and no row that stands there twice are ours. Without a key the id of a row is made with each attempt, as where the whole function is tried again; where the application makes the id once, that id is the key.',
    },
  ],
  metrics: [
    { id: 'succeeded', title: 'succeeded', unit: '%', better: 'higher' },
    { id: 'p50', title: 'call P50', unit: 'ms', better: 'lower' },
    { id: 'p95', title: 'call P95', unit: 'ms', better: 'lower' },
    { id: 'attempts', title: 'attempts', unit: 'a call', better: 'lower' },
    { id: 'twice', title: 'inserted twice', unit: 'rows', better: 'lower' },
    { id: 'lost', title: 'acknowledged and lost', unit: 'rows', better: 'lower' },
  ],
  points: Object.entries(faults).flatMap(([id, fault]) =>
    Object.entries(policies).map(([name, { title, ...policy }]): SweepPoint<Setting> => ({
      id: `${id}-${name}`,
      title,
      series: fault.title,
      setting: { ...policy, fault },
    })),
  ),
  measure: async ({ id, setting }, context) => {
    const { fault, hasKey } = setting
    const { workers, calls } = fault.load
    const way = fault.roundTripMs === undefined ? {} : { roundTripMs: fault.roundTripMs }
    const target = await context.target({ kind: 'sqld', concurrency: workers + 1, timeoutMs: 2000, ...way })
    // More at once than the server takes would fail before anything is measured.
    await warmUp(target, Math.min(workers, 64))
    const run = `${id} ${context.round}`
    const acknowledged: string[] = []
    let attempts = 0
    const insert = async (_: number, index: number): Promise<void> => {
      const title = `${run} ${index}`
      const key = context.newId()
      const attempt = (): Promise<number> =>
        target.execute(hasKey ? onlyOnce : insertPrompt, [hasKey ? key : context.newId(), title])
      await retrying(setting, context, () => attempts++, attempt)
      acknowledged.push(title)
    }
    let isOver = false
    const happening = fault.happens(target, context, () => isOver)
    const loop = await context.closedLoop({ workers, calls, call: insert })
    isOver = true
    await happening
    const quiet = await context.target({ kind: 'sqld' })
    const rows = await quiet.query('SELECT title, count(*) FROM prompts WHERE title LIKE ? GROUP BY title', [
      `${run} %`,
    ])
    const stored = new Map(rows.map(([title, count]) => [String(title), Number(count)]))
    return {
      succeeded: (100 * loop.succeeded) / calls,
      p50: loop.p50Ms,
      p95: loop.p95Ms,
      attempts: attempts / calls,
      twice: [...stored.values()].reduce((sum, count) => sum + count - 1, 0),
      lost: acknowledged.filter((title) => !stored.has(title)).length,
    }
  },
})
