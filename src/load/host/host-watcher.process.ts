import type { WatchedStretch } from './host-watch.ts'
import { hostCounters, threadTimesBelow, type HostCounters, type ThreadTimes } from './host-samples.ts'
import { hostSeen, type HostMoment } from './host-record.ts'

/** An idle process that wants the processor so often; how late it gets it is what any process here must expect. */
const timerMs = 10
const sampleMs = 500

const now = (): number => performance.timeOrigin + performance.now()

/** Lateness of timers in milliseconds since the last moment. */
let lagsMs: number[] = []
let before: { readonly counters: HostCounters; readonly threads: ThreadTimes | null } = takeSample()
const moments: HostMoment[] = []

function takeSample(): typeof before {
  return { counters: hostCounters(), threads: threadTimesBelow(process.ppid, process.pid) }
}

function watchTimer(): void {
  const dueMs = now() + timerMs
  setTimeout(() => {
    lagsMs.push(Math.max(0, now() - dueMs))
    watchTimer()
  }, timerMs)
}

function closeMoment(): void {
  const after = takeSample()
  moments.push({ atMs: now(), lagsMs, before, after })
  lagsMs = []
  before = after
}

watchTimer()
setInterval(closeMoment, sampleMs)
process.on('message', (stretch: WatchedStretch) => {
  closeMoment()
  process.send?.(hostSeen(moments, stretch))
})
process.once('disconnect', () => process.exit())
