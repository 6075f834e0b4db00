import { defineSweep, type SweepContext, type SweepPoint, type SweepTarget } from 'forgebench'
import { insertPrompt, newPrompt, promptReader, warmUp } from './shared/statements.ts'

interface Setting {
  readonly kind: 'replica' | 'sqld' | 'sqld-ws'
  readonly roundTripMs: number
}

const ways = [
  ['replica', 'embedded replica', 'replica'],
  ['server', 'the server over HTTP', 'sqld'],
  ['socket', 'the server over WebSocket', 'sqld-ws'],
] as const

/** Writes beside the replica, and how long until the replica shows it: `sync` again and again, as an interval would. */
async function staleness(
  { roundTripMs }: Setting,
  replica: SweepTarget,
  context: SweepContext,
): Promise<{ readonly staleMs: number; readonly syncMs: number; readonly frames: number }> {
  const server = await context.target({ kind: 'sqld', roundTripMs })
  await server.query('SELECT 1')
  const title = `stale ${context.newId()}`
  await server.execute(insertPrompt, newPrompt(context, title))
  const writtenMs = context.nowMs()
  for (;;) {
    const beganMs = context.nowMs()
    const frames = await replica.sync()
    const syncMs = context.nowMs() - beganMs
    const seen = await replica.query('SELECT 1 FROM prompts WHERE title = ?', [title])
    if (seen.length > 0) return { staleMs: context.nowMs() - writtenMs, syncMs, frames }
    if (context.nowMs() - writtenMs > 30_000) throw new Error('the replica never showed the write')
  }
}

export default defineSweep<Setting>({
  title: 'What does an embedded replica bring, and what does it cost?',
  why: 'The review (§6.1) wants reads from embedded replicas and writes to one primary. A replica reads from a file beside the application, whatever the way to the server; its writes go to the server, and what others write it shows only after a synchronisation.',
  fresh: 'point',
  seconds: 1,
  claims: [
    {
      claim: 'C14',
      parts: [
        { measure: 'sweep-limit', metric: 'readP95', variant: 'replica-40', claimed: { atMost: 40 } },
        { measure: 'sweep-limit', metric: 'readP95', variant: 'replica-200', claimed: { atMost: 40 } },
        { measure: 'sweep-limit', metric: 'readP95', variant: 'server-40', claimed: { atMost: 40 } },
        { measure: 'sweep-limit', metric: 'readP95', variant: 'server-200', claimed: { atMost: 40 } },
      ],
      note: 'A replica reads in well under 40 ms from anywhere, and a server can answer in no less than its round trip. The handshakes of TCP and TLS are not delayed here: connections are open before anything is timed.',
    },
  ],
  metrics: [
    { id: 'readP50', title: 'read P50', unit: 'ms', better: 'lower' },
    { id: 'readP95', title: 'read P95', unit: 'ms', better: 'lower' },
    { id: 'writeP50', title: 'write P50', unit: 'ms', better: 'lower' },
    { id: 'stale', title: 'stale for', unit: 'ms after a write', better: 'lower' },
    { id: 'sync', title: 'sync', unit: 'ms', better: 'lower' },
    { id: 'frames', title: 'fetched', unit: 'frames', better: 'neither' },
  ],
  points: ways.flatMap(([id, series, kind]) =>
    [40, 120, 200].map((roundTripMs): SweepPoint<Setting> => ({
      id: `${id}-${roundTripMs}`,
      title: `${roundTripMs} ms round trip`,
      series,
      versus: `server-${roundTripMs}`,
      setting: { kind, roundTripMs },
    })),
  ),
  measure: async ({ setting }, context) => {
    // A file answers one call after another; a far server is kept from idling, and is far from busy.
    const workers = setting.kind === 'replica' ? 1 : 20
    const target = await context.target(setting)
    const read = await promptReader(context)
    await warmUp(target, workers)
    const reads = await context.closedLoop({ workers, calls: 100, call: () => read(target) })
    const writes = await context.closedLoop({
      workers: 1,
      calls: 5,
      call: () => target.execute(insertPrompt, newPrompt(context)),
    })
    const found = { readP50: reads.p50Ms, readP95: reads.p95Ms, writeP50: writes.p50Ms }
    if (setting.kind !== 'replica') return { ...found, stale: null, sync: null, frames: null }
    const { staleMs, syncMs, frames } = await staleness(setting, target, context)
    return { ...found, stale: staleMs, sync: syncMs, frames }
  },
})
