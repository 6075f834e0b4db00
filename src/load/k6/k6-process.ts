import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { readK6Csv, type K6Row } from './k6-csv.ts'

export interface K6Command {
  readonly path: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted: k6 is asked to end, and killed when it does not within `patienceMs`. */
  readonly signal: AbortSignal
  readonly patienceMs: number
  readonly onRow: (row: K6Row) => void
  /** A message of k6 that is no error and not about a single request. */
  readonly onWarning: (text: string) => void
}

/** CPU seconds used so far, at a moment. */
interface UsageSample {
  readonly atMs: number
  readonly cpuSeconds: number
}

export interface K6End {
  /** Null when it was killed. */
  readonly exitCode: number | null
  readonly killedBy: string | null
  /** What k6 complained of, in its words; the last lines. */
  readonly errors: readonly string[]
  readonly usage: readonly UsageSample[]
  readonly maxRssBytes: number
}

const pollMs = 250

/**
 * Runs k6 to its end with its CSV on stdout, row by row. The process is gone when this returns or throws.
 * @throws Error when the program cannot be started
 */
export async function runK6(command: K6Command): Promise<K6End> {
  const { path, args, env, signal } = command
  const child = spawn(path, [...args], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in a terminal goes to all its processes; this one gets its signal from us, so that it can end well.
    detached: true,
  })
  const kill = (): void => void child.kill('SIGKILL')
  let impatience: NodeJS.Timeout | undefined
  const interrupt = (): void => {
    child.kill('SIGINT')
    impatience = setTimeout(kill, command.patienceMs)
  }
  const usage: UsageSample[] = []
  let maxRssBytes = 0
  const poll = (): void => {
    const sample = child.pid === undefined ? undefined : processUsage(child.pid)
    if (sample === undefined) return
    usage.push({ atMs: Date.now(), cpuSeconds: sample.cpuSeconds })
    maxRssBytes = Math.max(maxRssBytes, sample.maxRssBytes)
  }
  const polling = setInterval(poll, pollMs)
  process.once('exit', kill)
  try {
    if (signal.aborted) interrupt()
    else signal.addEventListener('abort', interrupt, { once: true })
    const [[exitCode, killedBy], errors] = await Promise.all([
      once(child, 'close') as Promise<[number | null, string | null]>,
      readLog(child.stderr, command.onWarning),
      readRows(child.stdout, command.onRow),
    ])
    return { exitCode, killedBy, errors, usage, maxRssBytes }
  } finally {
    clearInterval(polling)
    clearTimeout(impatience)
    signal.removeEventListener('abort', interrupt)
    process.removeListener('exit', kill)
    kill()
  }
}

async function readRows(stdout: NodeJS.ReadableStream, onRow: (row: K6Row) => void): Promise<void> {
  for await (const row of readK6Csv(stdout)) onRow(row)
}

const mostLines = 20

/** Reads k6's log as JSON, line by line; returns its last errors. */
async function readLog(
  stderr: NodeJS.ReadableStream,
  onWarning: (text: string) => void,
): Promise<readonly string[]> {
  const errors: string[] = []
  const warned = new Set<string>()
  for await (const line of createInterface({ input: stderr })) {
    const { level, text } = logEntry(line)
    if (level === 'error') {
      errors.push(text)
      if (errors.length > mostLines) errors.shift()
    } else if (level === 'warning' && !warned.has(text) && warned.size < mostLines) {
      warned.add(text)
      onWarning(text)
    }
  }
  return errors
}

/** One line of the log. A request that failed is a warning for k6, and is in the CSV already. */
function logEntry(line: string): { readonly level: 'error' | 'warning' | 'other'; readonly text: string } {
  let entry: Readonly<Record<string, unknown>>
  try {
    entry = JSON.parse(line) as typeof entry
  } catch {
    // Before it knows how to log, k6 logs in its own way.
    const text = /\bmsg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1]
    return {
      level: line.trim() === '' ? 'other' : 'error',
      text: text === undefined ? line.trim() : (JSON.parse(text) as string),
    }
  }
  const { level, msg, error, hint } = entry
  const text = [msg, error, hint].filter((part) => typeof part === 'string' && part !== '').join(': ')
  if (level === 'error' || level === 'fatal') return { level: 'error', text }
  return { level: level === 'warning' && msg !== 'Request Failed' ? 'warning' : 'other', text }
}

interface ProcessUsage {
  readonly cpuSeconds: number
  /** The most that it has ever had. */
  readonly maxRssBytes: number
}

/** USER_HZ, which Linux fixes at 100 on every machine that Node runs on. */
const ticksPerSecond = 100

/** What a process has used so far, from /proc (proc(5)); undefined once it is gone, and where there is no /proc. */
function processUsage(pid: number): ProcessUsage | undefined {
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
