import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Behaviour } from './behaviour.ts'
import type { Truth } from './truth-log.ts'

const entry = new URL(`./calibration.process${import.meta.url.slice(-3)}`, import.meta.url)

/** A calibration server in a process of its own, so that it shares no event loop with any sender. */
export interface CalibrationProcess {
  /** Of the server under load. */
  readonly url: string
  /** What kind of server it is, for reports. */
  readonly name: string
  readonly pid: number
  /** Behaves so from now on, and begins a new log. */
  behave(behaviour: Behaviour): Promise<void>
  truth(): Promise<Truth>
  /** When requests arrived, by `monotonicMs`. */
  arrivalsMs(): Promise<Float64Array>
  stop(): Promise<void>
}

/** @throws Error when the process does not start */
export async function startCalibration(): Promise<CalibrationProcess> {
  const path = fileURLToPath(entry)
  const loader = path.endsWith('.ts') ? ['--import', import.meta.resolve('jiti/register')] : []
  const child = spawn(process.execPath, [...loader, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([status]) => Promise.reject(new Error(`the calibration server ended with ${status}`))),
  ])
  const { port, controlPort } = JSON.parse(String(line[0])) as { port: number; controlPort: number }
  const control = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(`http://127.0.0.1:${controlPort}${path}`, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }
  return {
    url: `http://127.0.0.1:${port}`,
    name: 'Node, arrivals as its event loop sees them',
    pid: child.pid ?? 0,
    behave: async (behaviour) => {
      await control('/behaviour', { method: 'PUT', body: JSON.stringify(behaviour) })
    },
    truth: async () => (await (await control('/truth')).json()) as Truth,
    arrivalsMs: async () => new Float64Array(await (await control('/arrivals')).arrayBuffer()),
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}
