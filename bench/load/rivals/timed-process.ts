import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { endedChildrenCpuSeconds, treeUsage, type TreeUsage } from './process-tree.ts'

export interface TimedCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Written to its standard input. */
  readonly input?: string
}

export interface UsageSample extends TreeUsage {
  /** In milliseconds of the monotonic clock. */
  readonly atMs: number
}

export interface TimedResult {
  readonly stdout: string
  readonly stderr: string
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  /** User and system time of the process and all its descendants, from the first instruction to the last. */
  readonly cpuSeconds: number
  /** Taken while it ran. */
  readonly samples: readonly UsageSample[]
}

const sampleEveryMs = 200
const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds of the machine's monotonic clock, alike in all its processes. */
const monotonicMs = (): number => performance.now() + offsetMs

/**
 * Runs a command to its end and measures what it and its descendants use. Only one may run at a time: what ended
 * children have used is known for all of them together.
 * @throws Error when it cannot be started, or does not end within `limitSeconds`
 */
export async function runTimed(
  { file, args, env, input = '' }: TimedCommand,
  limitSeconds: number,
): Promise<TimedResult> {
  const beforeSeconds = endedChildrenCpuSeconds()
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  await once(child, 'spawn')
  const { pid = 0 } = child
  const samples: UsageSample[] = []
  const sampling = setInterval(() => samples.push({ atMs: monotonicMs(), ...treeUsage(pid) }), sampleEveryMs)
  const limit = setTimeout(() => child.kill('SIGKILL'), limitSeconds * 1000)
  const stopWithParent = (): void => void child.kill('SIGKILL')
  process.once('exit', stopWithParent)
  try {
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ])
    if (child.signalCode === 'SIGKILL') {
      throw new Error(`${file} did not end within ${limitSeconds} s: ${stderr.slice(-500)}`)
    }
    return { stdout, stderr, exitCode, cpuSeconds: endedChildrenCpuSeconds() - beforeSeconds, samples }
  } finally {
    clearInterval(sampling)
    clearTimeout(limit)
    process.removeListener('exit', stopWithParent)
  }
}
