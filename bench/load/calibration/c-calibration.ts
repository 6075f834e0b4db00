import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LatencyHistogram } from '../../../src/stats/latency-histogram.ts'
import type { Behaviour } from './behaviour.ts'
import type { CalibrationProcess } from './calibration-process.ts'
import type { Truth } from './truth-log.ts'

const source = fileURLToPath(new URL('./truth-server.c', import.meta.url))

/** Builds the server in C, once for each version of its source; null where there is no compiler, or no Linux. */
async function build(): Promise<string | null> {
  if (process.platform !== 'linux') return null
  const digest = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
  const folder = join(tmpdir(), `forgebench-truth-${process.getuid?.() ?? 0}`)
  const path = join(folder, digest.slice(0, 16))
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) return path
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
function commandOf(behaviour: Behaviour): string {
  const { kind, ...parameters } = behaviour
  return ['behave', kind, ...Object.values(parameters)].join(' ')
}

/** The calibration server in C, or null where it cannot be built: then the one of `startCalibration` must do. */
export async function startCCalibration(): Promise<CalibrationProcess | null> {
  const path = await build()
  if (path === null) return null
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
    name: 'C, arrivals by kernel time stamps',
    pid: child.pid ?? 0,
    behave: async (behaviour) => void (await ask(commandOf(behaviour))),
    truth: async () => ({
      ...(JSON.parse(await ask('truth')) as Omit<Truth, 'answers'>),
      answers: answersIn(await log()),
    }),
    arrivalsMs: async () => (await log()).filter((_, i) => i % 3 === 0),
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}

const answered = 1

function answersIn(log: Float64Array): string {
  const histogram = new LatencyHistogram()
  for (let row = 0; row < log.length; row += 3) {
    if (log[row + 2] === answered) histogram.record((log[row + 1]! - log[row]!) * 1e6)
  }
  return histogram.toBase64()
}
