import { readFileSync } from 'node:fs'

export interface ProcessUsage {
  readonly cpuSeconds: number
  /** The most that it has ever had. */
  readonly maxRssBytes: number
}

/** USER_HZ, which Linux fixes at 100 on every machine that Node runs on. */
const ticksPerSecond = 100

/** What a process has used so far, from /proc (proc(5)); undefined once it is gone, and where there is no /proc. */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, a name in brackets, may hold blanks; utime and stime are the fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const peakKb = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      maxRssBytes: Number(peakKb ?? 0) * 1024,
    }
  } catch {
    return undefined
  }
}
