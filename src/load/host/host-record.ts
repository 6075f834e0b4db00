import type { LoadRun } from '../../run/load/load-run.ts'
import { threadTimesSince, type HostCounters, type ThreadTimes } from './host-samples.ts'
import type { WatchedStretch } from './host-watch.ts'

interface Sample {
  readonly counters: HostCounters
  readonly threads: ThreadTimes | null
}

/** What a watcher saw since its last sample. */
export interface HostMoment {
  /** When it was taken, in milliseconds since 1970. */
  readonly atMs: number
  /** How much later than set its timers came. */
  readonly lagsMs: readonly number[]
  readonly before: Sample
  readonly after: Sample
}

/** Sums up the moments of a stretch; null when none lies within it. */
export function hostSeen(all: readonly HostMoment[], { fromMs, toMs }: WatchedStretch): LoadRun['host'] {
  const moments = all.filter(({ atMs }, i) => (all[i - 1]?.atMs ?? atMs) >= fromMs && atMs <= toMs + 500)
  const [first, last] = [moments[0], moments.at(-1)]
  if (first === undefined || last === undefined) return null
  const lagsNs = Float64Array.from(moments.flatMap(({ lagsMs }) => lagsMs.map((ms) => ms * 1e6))).sort()
  const lagAt = (q: number): number => Math.round(lagsNs[Math.max(0, Math.ceil(q * lagsNs.length) - 1)] ?? 0)
  return {
    samples: lagsNs.length,
    timerLag: { p50Ns: lagAt(0.5), p99Ns: lagAt(0.99), maxNs: lagAt(1) },
    ...countersBetween(first.before.counters, last.after.counters, moments),
    senders: senderTimes(moments),
  }
}

type Counted = Pick<NonNullable<LoadRun['host']>, 'cpuUtilization' | 'cpuSteal' | 'cpuPressure'>

function countersBetween(from: HostCounters, to: HostCounters, moments: readonly HostMoment[]): Counted {
  const shareOf = (of: (cpu: NonNullable<HostCounters['cpu']>) => number): number | null => {
    if (from.cpu === null || to.cpu === null || to.cpu.total <= from.cpu.total) return null
    return (of(to.cpu) - of(from.cpu)) / (to.cpu.total - from.cpu.total)
  }
  // The counters are from the sample before the first moment, half a second earlier.
  const betweenMs = (moments.at(-1)?.atMs ?? 0) - (moments[0]?.atMs ?? 0)
  const us = (betweenMs + betweenMs / Math.max(1, moments.length - 1)) * 1000
  const isKnown = from.pressureUs !== null && to.pressureUs !== null && us > 0
  return {
    cpuUtilization: shareOf(({ busy }) => busy),
    cpuSteal: shareOf(({ stolen }) => stolen),
    cpuPressure: isKnown ? Math.min(1, (to.pressureUs - from.pressureUs) / us) : null,
  }
}

function senderTimes(moments: readonly HostMoment[]): NonNullable<LoadRun['host']>['senders'] {
  let [ranNs, waitedNs] = [0, 0]
  for (const { before, after } of moments) {
    if (before.threads === null || after.threads === null) return null
    const times = threadTimesSince(before.threads, after.threads)
    ranNs += times.ranNs
    waitedNs += times.waitedNs
  }
  return { ranNs, waitedNs }
}
