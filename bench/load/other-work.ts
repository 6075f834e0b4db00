import { cpus } from 'node:os'
import { machineState, hostContention, type MachineState } from '../../src/measure/machine-state.ts'
import { endedChildrenCpuSeconds, treeUsage } from './rivals/process-tree.ts'

/** What else the machine did meanwhile, in processors: work of others, and what its host gave to other machines. */
export interface OtherWork {
  readonly others: number
  readonly stolen: number
}

export interface Moment {
  readonly atMs: number
  readonly state: MachineState
  /** Of this process and all that it started. */
  readonly ownSeconds: number
}

/** Watches from now on; the function that it returns says what it has seen so far. */
export function watchOtherWork(): () => OtherWork {
  const start = now()
  return () => otherWorkBetween(start, now(), cpus().length)
}

export function otherWorkBetween(start: Moment, end: Moment, processors: number): OtherWork {
  const seconds = (end.atMs - start.atMs) / 1000
  const { busyShare, stolenShare } = hostContention(start.state, end.state, seconds)
  const own = (end.ownSeconds - start.ownSeconds) / seconds
  const stolen = (stolenShare ?? 0) * processors
  // Ticks are rounded, so that ours may come to more than all.
  return { others: Math.max(0, (busyShare ?? 0) * processors - stolen - own), stolen }
}

const now = (): Moment => ({
  atMs: performance.now(),
  state: machineState(),
  ownSeconds: treeUsage(process.pid).cpuSeconds + endedChildrenCpuSeconds(),
})
