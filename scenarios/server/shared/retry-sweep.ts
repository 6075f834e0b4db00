import type {
  ClosedLoopOptions,
  Sweep,
  SweepClaimPart,
  SweepContext,
  SweepPoint,
  SweepTarget,
} from 'forgebench'
import { jittered, none, ofReview, retrying, type RetryPolicy } from './retry.ts'
import { insertPrompt, warmUp } from './statements.ts'

/** What goes wrong while rows are inserted. */
export interface Fault {
  readonly title: string
  readonly load: Pick<ClosedLoopOptions, 'workers'> & { readonly calls: number }
  readonly roundTripMs?: number
  /** Goes on until `isOver`. */
  readonly happens: (target: SweepTarget, context: SweepContext, isOver: () => boolean) => Promise<void>
}

export interface RetrySetting extends RetryPolicy {
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

/** The parts of the claim that everything works with the review's retries: the share of calls is ours. */
export const succeedsWithReview = (faults: Readonly<Record<string, Fault>>): readonly SweepClaimPart[] =>
  Object.keys(faults).map((fault) => ({
    ...limit,
    metric: 'succeeded',
    variant: `${fault}-review`,
    claimed: { atLeast: 99 },
  }))

export const insertsOnce = (point: string): SweepClaimPart => ({
  ...limit,
  metric: 'twice',
  variant: point,
  claimed: { atMost: 0 },
})

/** Each fault with each policy; every call inserts one row, and afterwards the rows are counted. */
export const retrySweep = (
  faults: Readonly<Record<string, Fault>>,
): Pick<Sweep<RetrySetting>, 'fresh' | 'metrics' | 'points' | 'measure'> => ({
  fresh: 'point',
  metrics: [
    { id: 'succeeded', title: 'succeeded', unit: '%', better: 'higher' },
    { id: 'p50', title: 'call P50', unit: 'ms', better: 'lower' },
    { id: 'p95', title: 'call P95', unit: 'ms', better: 'lower' },
    { id: 'attempts', title: 'attempts', unit: 'a call', better: 'lower' },
    { id: 'twice', title: 'inserted twice', unit: 'rows', better: 'lower' },
    { id: 'lost', title: 'acknowledged and lost', unit: 'rows', better: 'lower' },
  ],
  points: Object.entries(faults).flatMap(([id, fault]) =>
    Object.entries(policies).map(([name, { title, ...policy }]): SweepPoint<RetrySetting> => ({
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
