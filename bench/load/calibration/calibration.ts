import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { decodeLatencies, type LatencyCounts } from '../../../src/stats/latency-counts.ts'
import { LatencyHistogram } from '../../../src/stats/latency-histogram.ts'
import type { Behaviour } from './behaviour.ts'

/** What really happened, as the server saw it. received = answered + closed + clientGone + pending. */
export interface Truth {
  readonly received: number
  readonly answered: number
  /** Their connection was closed without an answer, on purpose. */
  readonly closed: number
  /** The client was gone before the answer was due. */
  readonly clientGone: number
  readonly pending: number
  readonly connections: { readonly opened: number; readonly peak: number }
  /** From arrival to the write of the answer. */
  readonly answers: LatencyCounts
  /** When requests arrived, in milliseconds of the machine's monotonic clock. */
  readonly arrivalsMs: Float64Array
}

/** A server whose delays are known, in a process of its own: it shares no event loop with any sender. */
export interface Calibration {
  readonly url: string
  /** Behaves so from now on, and begins a new log. */
  behave(behaviour: Behaviour): Promise<void>
  truth(): Promise<Truth>
  stop(): Promise<void>
}

const source = fileURLToPath(new URL('./truth-server.c', import.meta.url))

/** Builds the server in C, once for each version of its source; null where there is no compiler, or no Linux. */
export async function buildCalibration(): Promise<string | null> {
  if (process.platform !== 'linux') return null
  const digest = createHash('sha256').update(await readFile(source))
  const folder = join(tmpdir(), `forgebench-truth-${process.getuid?.() ?? 0}`)
  const path = join(folder, digest.digest('hex').slice(0, 16))
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const fresh = `${path}.${process.pid}`
  try {
    await promisify(execFile)('cc', ['-O2', '-o', fresh, source])
  } catch {
    return null
  }
  await rename(fresh, path)
  return path
}

/** The parameters of a behaviour in the order in which the server in C reads them. */
function commandOf({ kind, ...parameters }: Behaviour): string {
  return ['behave', kind, ...Object.values(parameters)].join(' ')
}

/** @throws Error where the server cannot be built */
export async function startCalibration(): Promise<Calibration> {
  const path = await buildCalibration()
  if (path === null) throw new Error('the calibration server needs Linux and a C compiler named cc')
  const child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the calibration server has ended')
    return value
  }
  const ask = (command: string): Promise<string> => {
    child.stdin.write(`${command}\n`)
    return nextLine()
  }
  const port = await nextLine()
  const logPath = join(tmpdir(), `forgebench-truth-${process.pid}-${port}.log`)
  const log = async (): Promise<Float64Array> => {
    await ask(`log ${logPath}`)
    const bytes = await readFile(logPath)
    await rm(logPath)
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  }
  return {
    url: `http://127.0.0.1:${port}`,
    behave: async (behaviour) => void (await ask(commandOf(behaviour))),
    truth: async () => {
      const counts = JSON.parse(await ask('truth')) as Omit<Truth, 'answers' | 'arrivalsMs'>
      const rows = await log()
      return { ...counts, answers: answersIn(rows), arrivalsMs: rows.filter((_, i) => i % 3 === 0) }
    },
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}

const answered = 1

function answersIn(log: Float64Array): LatencyCounts {
  const histogram = new LatencyHistogram()
  for (let row = 0; row < log.length; row += 3) {
    if (log[row + 2] === answered) histogram.record((log[row + 1]! - log[row]!) * 1e6)
  }
  return decodeLatencies(histogram.toBase64())
}
