import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TargetError } from '../../core/errors.ts'
import {
  forgetServer,
  isServing,
  readServerState,
  serverFolder,
  withServerLock,
  type ServerState,
} from './server-state.ts'

/** How a server ended: when it was told to, when it was killed because it did not, or before by itself. */
export type ServerEnd = 'stopped' | 'killed' | 'gone before'

export interface StoppedServer {
  readonly state: ServerState | undefined
  readonly end: ServerEnd
}

/**
 * Ends a server and its replica: SIGTERM, and SIGKILL after ten seconds. Its files stay, unless `remove` says otherwise.
 * @throws TargetError SERVER_NOT_RUNNING when there is nothing to stop or to remove
 */
export async function stopServer(name: string, remove: boolean): Promise<StoppedServer> {
  const folder = serverFolder(name)
  return withServerLock(name, async () => {
    const state = await readServerState(name)
    if (state === undefined && !remove) throw notRunning(name)
    const ends: ServerEnd[] = []
    // The replica first: it would complain of a primary that is gone.
    for (const pid of [state?.replica?.pid, state?.pid]) {
      if (pid !== undefined) ends.push(await endProcess(pid, folder))
    }
    await (remove ? rm(folder, { recursive: true, force: true }) : forgetServer(name))
    return { state, end: ends.includes('killed') ? 'killed' : (ends.at(-1) ?? 'gone before') }
  })
}

export const notRunning = (name: string): TargetError =>
  new TargetError(
    'SERVER_NOT_RUNNING',
    `no server ${name} runs; start it with: forgebench server start ${name}`,
  )

const graceMs = 10_000
const betweenLooksMs = 20

/** Ends a server process, if it is still the one with that folder. */
export async function endProcess(pid: number, folder: string): Promise<ServerEnd> {
  if (!isServing(pid, folder)) return 'gone before'
  if (await endsBy(pid, folder, 'SIGTERM')) return 'stopped'
  await endsBy(pid, folder, 'SIGKILL')
  return 'killed'
}

async function endsBy(pid: number, folder: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
  const deadlineMs = performance.now() + graceMs
  while (performance.now() < deadlineMs) {
    if (!isServing(pid, folder)) return true
    await sleep(betweenLooksMs)
  }
  return false
}
