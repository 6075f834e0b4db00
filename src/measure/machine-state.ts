import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'

/** Counters of the machine at one moment; null where the system does not say. */
export interface MachineState {
  readonly loadAverage: number
  readonly ticks: { readonly total: number; readonly idle: number; readonly stolen: number } | null
  /** Microseconds for which some process waited for a CPU, since the machine started. */
  readonly cpuPressureUs: number | null
}

/** What the machine did between two moments, as shares of the time. */
export interface HostContention {
  readonly loadAverage: number
  /** Of all CPUs; our own work included. */
  readonly busyShare: number | null
  /** Taken by the hypervisor for somebody else. */
  readonly stolenShare: number | null
  /** Time for which some process waited for a CPU (Linux PSI, `cpu some`). */
  readonly cpuPressureShare: number | null
}

/** Reads the state of the machine. `read` returns a file's text; a test passes its own. */
export function machineState(
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): MachineState {
  return {
    loadAverage: loadavg()[0] ?? 0,
    ticks: orNull(() => cpuTicks(read('/proc/stat'))),
    cpuPressureUs: orNull(() => Number(/^some .*total=(\d+)/m.exec(read('/proc/pressure/cpu'))?.[1])),
  }
}

/** The contention between two states that lie `seconds` apart. */
export function hostContention(before: MachineState, after: MachineState, seconds: number): HostContention {
  const ticks = before.ticks && after.ticks ? { before: before.ticks, after: after.ticks } : null
  const elapsed = ticks === null ? 0 : ticks.after.total - ticks.before.total
  const share = (of: 'idle' | 'stolen'): number | null =>
    ticks === null || elapsed <= 0 ? null : (ticks.after[of] - ticks.before[of]) / elapsed
  const idle = share('idle')
  return {
    loadAverage: after.loadAverage,
    busyShare: idle === null ? null : rounded(1 - idle),
    stolenShare: share('stolen') === null ? null : rounded(share('stolen') ?? 0),
    cpuPressureShare:
      before.cpuPressureUs === null || after.cpuPressureUs === null
        ? null
        : rounded((after.cpuPressureUs - before.cpuPressureUs) / (seconds * 1e6)),
  }
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal, in ticks. */
function cpuTicks(text: string): MachineState['ticks'] {
  const numbers = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '').split(' ').slice(0, 8).map(Number)
  const [, , , idle = Number.NaN, waiting = 0, , , stolen = 0] = numbers
  return { total: numbers.reduce((sum, n) => sum + n, 0), idle: idle + waiting, stolen }
}

const rounded = (share: number): number => Math.round(share * 1000) / 1000

function orNull<T>(read: () => T): T | null {
  try {
    const value = read()
    return typeof value === 'number' && Number.isNaN(value) ? null : value
  } catch {
    return null
  }
}
