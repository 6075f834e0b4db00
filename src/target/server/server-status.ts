import { isHealthy } from './sqld-launch.ts'
import { isServing, readServerState, serverFolder, type ServerState } from './server-state.ts'

/** What a server does now: `running` answers, `silent` has a process that does not, `gone` has none although it was started. */
export type ServerCondition = 'running' | 'silent' | 'gone'

export interface ServerStatus extends ServerState {
  readonly condition: ServerCondition
}

/** A server that was started and not stopped, and how it is; undefined where there is none. */
export async function serverStatus(name: string): Promise<ServerStatus | undefined> {
  const state = await readServerState(name)
  if (state === undefined) return undefined
  const parts = [{ url: state.url, pid: state.pid }, ...(state.replica === null ? [] : [state.replica])]
  if (!parts.every(({ pid }) => isServing(pid, serverFolder(name)))) return { ...state, condition: 'gone' }
  const answers = await Promise.all(parts.map(({ url }) => isHealthy(url)))
  return { ...state, condition: answers.every(Boolean) ? 'running' : 'silent' }
}
