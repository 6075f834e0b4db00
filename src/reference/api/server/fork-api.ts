import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../../core/child-environment.ts'
import { TargetError } from '../../../core/errors.ts'
import { sourceLoader } from '../../../core/source-loader.ts'
import { failure, type ApiOrder, type ApiReport, type Listening } from './api-message.ts'
import { once, type ApiOptions, type RunningApi } from './start-api.ts'

/** An API in a process of its own. */
export interface ForkedApi extends RunningApi {
  readonly pid: number
  /** Resolves when the process is gone, with its exit code or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
}

export const apiEntry = fileURLToPath(new URL(`./api.process${import.meta.url.slice(-3)}`, import.meta.url))

export const apiExecArgv: readonly string[] = sourceLoader(apiEntry)

/**
 * Starts the reference API in a process of its own, so that its work and that of whoever loads it do not share an event
 * loop. It ends with this process.
 * @throws UsageError and TargetError as `startApi`
 */
export async function forkApi(options: ApiOptions): Promise<ForkedApi> {
  const child = fork(apiEntry, [], {
    execArgv: [...apiExecArgv],
    env: childEnvironment([options.tokenEnv]),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = exitOf(child)
  const { url, port, facts } = await listening(child, { kind: 'start', options, facts: {} })
  const close = once(async () => {
    order(child, { kind: 'close' })
    await exited
  })
  return { url, port, facts, pid: child.pid ?? 0, exited, close }
}

/** Sends an order to a process; nothing reaches one that is gone, whose exit is reported elsewhere. */
export function order(child: ChildProcess | undefined, text: ApiOrder): void {
  if (child?.connected === true) child.send(text, () => undefined)
}

/** Gives the order to start as soon as it can be heard, and waits for the answer. */
export function listening(child: ChildProcess, start: ApiOrder): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const hear = (report: ApiReport): void => {
      if (report.kind === 'ready') order(child, start)
      else if (report.kind === 'listening') resolve(report)
      else if (report.kind === 'failed') reject(failure(report))
    }
    child.on('message', hear)
    child.once('error', reject)
    child.once('exit', (code: number | null, signal: string | null) => {
      reject(new TargetError('API_DIED', `the process of the API died (${signal ?? code})`))
    })
  })
}

export const exitOf = (child: Pick<ChildProcess, 'once'>): Promise<number | NodeJS.Signals> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 0))
  })
