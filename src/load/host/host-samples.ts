import { readdirSync, readFileSync } from 'node:fs'

/** Nanoseconds that threads have run, and have stood ready and waited for a processor, by thread. */
export type ThreadTimes = ReadonlyMap<string, { readonly ranNs: number; readonly waitedNs: number }>

/** What the kernel counts of this machine since it started; null where there is no such file. */
export interface HostCounters {
  /** All processors together, in ticks of a hundredth of a second (proc(5), /proc/stat). */
  readonly cpu: { readonly busy: number; readonly stolen: number; readonly total: number } | null
  /** Microseconds in which at least one task waited for a processor (/proc/pressure/cpu, `some`). */
  readonly pressureUs: number | null
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

export function hostCounters(): HostCounters {
  const stat = /^cpu\s+(.+)$/m
    .exec(read('/proc/stat') ?? '')?.[1]
    ?.split(/\s+/)
    .map(Number)
  const pressure = /^some .*total=(\d+)/m.exec(read('/proc/pressure/cpu') ?? '')?.[1]
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, stolen = 0] = stat ?? []
  const busy = user + nice + system + irq + softIrq
  return {
    cpu: stat === undefined ? null : { busy, stolen, total: busy + stolen + idle + ioWait },
    pressureUs: pressure === undefined ? null : Number(pressure),
  }
}

/**
 * Times of all threads of the processes that a process has started, and that these have, but for `except`; null where the
 * kernel does not report it (/proc/<pid>/schedstat: time on the processor, time on the run queue).
 */
export function threadTimesBelow(pid: number, except: number): ThreadTimes | null {
  const times = new Map<string, { readonly ranNs: number; readonly waitedNs: number }>()
  const pids = childrenOf(pid).filter((child) => child !== except)
  for (let next = pids.pop(); next !== undefined; next = pids.pop()) {
    pids.push(...childrenOf(next))
    for (const thread of threadsOf(next)) {
      const [ran, waited] = (read(`/proc/${next}/task/${thread}/schedstat`) ?? '').split(' ').map(Number)
      if (ran !== undefined && waited !== undefined) times.set(thread, { ranNs: ran, waitedNs: waited })
    }
  }
  return times.size === 0 && read('/proc/self/schedstat') === null ? null : times
}

const childrenOf = (pid: number): number[] =>
  threadsOf(pid).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  )

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** What threads ran and waited between two moments; of those that began meanwhile, all of it. */
export function threadTimesSince(
  before: ThreadTimes,
  after: ThreadTimes,
): { readonly ranNs: number; readonly waitedNs: number } {
  let [ranNs, waitedNs] = [0, 0]
  for (const [thread, times] of after) {
    const then = before.get(thread)
    ranNs += Math.max(0, times.ranNs - (then?.ranNs ?? 0))
    waitedNs += Math.max(0, times.waitedNs - (then?.waitedNs ?? 0))
  }
  return { ranNs, waitedNs }
}
