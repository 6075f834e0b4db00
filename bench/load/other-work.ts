import { readFileSync } from 'node:fs'
import { endedChildrenCpuSeconds, treeUsage } from './rivals/process-tree.ts'

/** What else the machine did meanwhile, in processors: work of others, and what its host gave to other machines. */
export interface OtherWork {
  readonly others: number
  readonly stolen: number
}

const ticksPerSecond = 100

export interface Moment {
  readonly atMs: number
  readonly busySeconds: number
  readonly stolenSeconds: number
  readonly ownSeconds: number
}

/** Watches from now on; the function that it returns says what it has seen so far. */
export function watchOtherWork(): () => OtherWork {
  const start = now()
  return () => otherWorkBetween(start, now())
}

export function otherWorkBetween(start: Moment, end: Moment): OtherWork {
  const seconds = (end.atMs - start.atMs) / 1000
  const busySeconds = end.busySeconds - start.busySeconds
  const ownSeconds = end.ownSeconds - start.ownSeconds
  return {
    // Ticks are rounded, so that ours may come to more than all.
    others: Math.max(0, busySeconds - ownSeconds) / seconds,
    stolen: (end.stolenSeconds - start.stolenSeconds) / seconds,
  }
}

function now(): Moment {
  const { busySeconds, stolenSeconds } = parseCpuLine(readFileSync('/proc/stat', 'utf8'))
  const ownSeconds = treeUsage(process.pid).cpuSeconds + endedChildrenCpuSeconds()
  return { atMs: performance.now(), busySeconds, stolenSeconds, ownSeconds }
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, …, in ticks. */
export function parseCpuLine(stat: string): Pick<Moment, 'busySeconds' | 'stolenSeconds'> {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (stat.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return {
    busySeconds: (user + nice + system + irq + softirq) / ticksPerSecond,
    stolenSeconds: steal / ticksPerSecond,
  }
}
