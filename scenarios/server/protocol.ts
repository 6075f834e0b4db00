import { defineSweep, type SweepTargetOptions } from 'forgebench'
import { insertPrompt, newPrompt, promptReader, warmUp } from './shared/statements.ts'

const workers = 16
const rows = 20

export default defineSweep<SweepTargetOptions>({
  title: 'Over which protocol?',
  why: 'The same client reaches the same data over HTTP, over a WebSocket, through an embedded replica and in a file. No way is added here: what differs is what each protocol costs client and server.',
  fresh: 'point',
  seconds: 0.8,
  claims: [],
  metrics: [
    { id: 'readP50', title: 'read P50', unit: 'ms', better: 'lower' },
    { id: 'readP95', title: 'read P95', unit: 'ms', better: 'lower' },
    { id: 'reads', title: `reads of ${workers} workers`, unit: 'a second', better: 'higher' },
    { id: 'writeP50', title: 'write P50', unit: 'ms', better: 'lower' },
    { id: 'batchP50', title: `batch of ${rows} rows P50`, unit: 'ms', better: 'lower' },
  ],
  points: [
    { id: 'http', title: 'a server over HTTP', setting: { kind: 'sqld' } },
    { id: 'ws', title: 'a server over WebSocket', setting: { kind: 'sqld-ws' } },
    { id: 'replica', title: 'embedded replica of a server', setting: { kind: 'replica' } },
    { id: 'file', title: 'file', setting: { kind: 'file' } },
  ],
  measure: async ({ setting }, context) => {
    const target = await context.target(setting)
    const read = await promptReader(context)
    await warmUp(target, workers)
    const one = await context.closedLoop({ workers: 1, call: () => read(target) })
    const many = await context.closedLoop({ workers, call: () => read(target) })
    const seconds = context.seconds / 2
    const writes = await context.closedLoop({
      workers: 1,
      seconds,
      call: () => target.execute(insertPrompt, newPrompt(context)),
    })
    const batches = await context.closedLoop({
      workers: 1,
      seconds,
      call: () =>
        target.batch(Array.from({ length: rows }, () => ({ sql: insertPrompt, args: newPrompt(context) }))),
    })
    return {
      readP50: one.p50Ms,
      readP95: one.p95Ms,
      reads: many.perSecond,
      writeP50: writes.p50Ms,
      batchP50: batches.p50Ms,
    }
  },
})
