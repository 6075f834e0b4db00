import { readFileSync } from 'node:fs'

/** What a process and its living descendants have used; zeroes once it is gone. */
export interface TreeUsage {
  readonly cpuSeconds: number
  /** Sum over the processes: pages that they share count several times. */
  readonly rssBytes: number
}

/** USER_HZ, which Linux fixes at 100 on every machine that Node runs on. */
const ticksPerSecond = 100
const pageBytes = 4096

/** Reads /proc, so Linux only. */
export function treeUsage(pid: number): TreeUsage {
  const own = processUsage(pid)
  if (own === undefined) return { cpuSeconds: 0, rssBytes: 0 }
  const below = childrenOf(pid).map(treeUsage)
  return {
    cpuSeconds: below.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, own.cpuSeconds),
    rssBytes: below.reduce((sum, { rssBytes }) => sum + rssBytes, own.rssBytes),
  }
}

/** CPU seconds of all descendants of this process that have ended and been waited for, to the last. */
export function endedChildrenCpuSeconds(): number {
  const fields = statFields('self')
  return fields === undefined ? 0 : (field(fields, 16) + field(fields, 17)) / ticksPerSecond
}

function processUsage(pid: number): Pick<TreeUsage, 'cpuSeconds' | 'rssBytes'> | undefined {
  const fields = statFields(pid)
  if (fields === undefined) return undefined
  return {
    cpuSeconds: (field(fields, 14) + field(fields, 15)) / ticksPerSecond,
    rssBytes: field(fields, 24) * pageBytes,
  }
}

/** The fields of /proc/<pid>/stat from the third on; the second, a name in brackets, may hold blanks. */
function statFields(pid: number | 'self'): readonly string[] | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** By the number that proc(5) gives it. */
const field = (fields: readonly string[], number: number): number => Number(fields[number - 3])

function childrenOf(pid: number): readonly number[] {
  const children = readProc(`/proc/${pid}/task/${pid}/children`)?.trim() ?? ''
  return children === '' ? [] : children.split(' ').map(Number)
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
