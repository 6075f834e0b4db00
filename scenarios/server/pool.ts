import { defineSweep, type SweepPoint } from 'forgebench'
import { insertPrompt, newPrompt, promptReader, warmUp } from './shared/statements.ts'

interface Setting {
  readonly work: 'read' | 'write'
  readonly workers: number
  readonly rows: number
  readonly kind: 'sqld' | 'sqld-ws'
}

/** Connections, which all have work all the time: a pool is at its busiest then. */
const pool = (
  id: string,
  series: string,
  setting: Partial<Setting> & Pick<Setting, 'workers'>,
  title = `${setting.workers} connections`,
): SweepPoint<Setting> => ({
  id: `${id}-${setting.workers}`,
  title,
  series,
  setting: { work: 'write', rows: 1, kind: 'sqld', ...setting },
})
const reads = (workers: number, title?: string): SweepPoint<Setting> =>
  pool('reads', 'reads over HTTP', { work: 'read', workers }, title)
const writes = (workers: number, title?: string): SweepPoint<Setting> =>
  pool('writes', 'writes over HTTP, a row a request', { workers }, title)

export default defineSweep<Setting>({
  title: 'How large should the pools of connections be?',
  why: 'The review (§6.1) wants a pool of 20 and 10 more for reads, one of 5 and 5 more for writes, and names 40 ms for reads and 3,000 writes a second. A pool helps until something behind it is busy; beyond that every connection only adds waiting. So both pools are swept from one connection to 64 with all of them busy: the knee is where throughput divided by latency is greatest.',
  fresh: 'round',
  seconds: 0.6,
  claims: [
    {
      claim: 'C14',
      parts: [
        { measure: 'sweep-limit', metric: 'p95', variant: 'reads-30', claimed: { atMost: 40 } },
        { measure: 'sweep-limit', metric: 'perSecond', variant: 'writes-10', claimed: { atLeast: 3000 } },
        { measure: 'sweep-limit', metric: 'perSecond', variant: 'writes-64', claimed: { atLeast: 3000 } },
        { measure: 'sweep-limit', metric: 'perSecond', variant: 'ws-64', claimed: { atLeast: 3000 } },
        { measure: 'sweep-limit', metric: 'perSecond', variant: 'batch-10', claimed: { atLeast: 3000 } },
      ],
      note: 'Client and server share this machine, and no network lies between them. One client process sends everything, as one worker of the application would: over HTTP it is mostly the client that limits it, so that a row a request says what such a process can do, and 20 rows a request what the server can.',
    },
  ],
  metrics: [
    { id: 'perSecond', title: 'reads or rows written', unit: 'a second', better: 'higher' },
    { id: 'p50', title: 'request P50', unit: 'ms', better: 'lower' },
    { id: 'p95', title: 'request P95', unit: 'ms', better: 'lower' },
    { id: 'failed', title: 'failed', unit: '%', better: 'lower' },
  ],
  knee: { throughput: 'perSecond', latency: 'p95' },
  points: [
    reads(1, '1 connection'),
    reads(4),
    reads(8),
    reads(16),
    reads(30, '20 and 10 more, as the review proposes'),
    reads(64),
    writes(1, '1 connection'),
    writes(4),
    writes(10, '5 and 5 more, as the review proposes'),
    writes(30, '10 and 20 more, as it is today'),
    writes(64),
    pool('ws', 'writes over WebSocket, a row a request', { workers: 10, kind: 'sqld-ws' }),
    pool('ws', 'writes over WebSocket, a row a request', { workers: 64, kind: 'sqld-ws' }),
    pool('batch', 'writes over HTTP, 20 rows a request', { workers: 1, rows: 20 }, '1 connection'),
    pool('batch', 'writes over HTTP, 20 rows a request', { workers: 10, rows: 20 }),
  ],
  measure: async ({ setting }, context) => {
    const { work, workers, rows, kind } = setting
    const target = await context.target({ kind, concurrency: workers, timeoutMs: 5000 })
    const read = await promptReader(context)
    const write = (): Promise<unknown> =>
      rows === 1
        ? target.execute(insertPrompt, newPrompt(context))
        : target.batch(Array.from({ length: rows }, () => ({ sql: insertPrompt, args: newPrompt(context) })))
    await warmUp(target, workers)
    const loop = await context.closedLoop({ workers, call: work === 'read' ? () => read(target) : write })
    const calls = loop.succeeded + loop.failed
    return {
      perSecond: loop.perSecond * rows,
      p50: loop.p50Ms,
      p95: loop.p95Ms,
      failed: calls === 0 ? null : (100 * loop.failed) / calls,
    }
  },
})
