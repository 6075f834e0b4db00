import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { childEnvironment } from '../../core/child-environment.ts'
import { UsageError } from '../../core/errors.ts'
import { cacheFolder, makeCacheFolder } from '../cache-folder.ts'
import { asFileError } from '../file-error.ts'
import { NativeConnection } from '../native.ts'

const serverState = z.object({
  name: z.string(),
  url: z.string(),
  adminUrl: z.string(),
  pid: z.number().int().positive(),
  /** As the server says it; null where it does not, and while it starts. */
  version: z.string().nullable(),
  /** Everything of this server: its databases, its logs, its keys. */
  folder: z.string(),
  auth: z.enum(['none', 'jwt']),
  replica: z.object({ url: z.string(), pid: z.number().int().positive() }).nullable(),
  startedAt: z.string(),
})

/** What is known of a server that `forgebench server start` started; it holds no secret. */
export type ServerState = Readonly<z.infer<typeof serverState>>

const serversFolder = (): string => join(cacheFolder(), 'servers')

/** The folder of a server. @throws UsageError SERVER_NAME */
export function serverFolder(name: string): string {
  if (!/^[a-z0-9][\w-]{0,40}$/i.test(name)) {
    throw new UsageError(
      'SERVER_NAME',
      'the name of a server has letters, digits, - and _ only, 41 at most, as in: staging',
    )
  }
  return join(serversFolder(), name)
}

const statePath = (name: string): string => join(serverFolder(name), 'server.json')

/** What was written of a server; undefined when none was started, or it was stopped. */
export async function readServerState(name: string): Promise<ServerState | undefined> {
  const text = await readFile(statePath(name), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return serverState.parse(JSON.parse(text))
  } catch {
    // A file that a full disk cut off says nothing.
    return undefined
  }
}

/** Writes down a server, whole or not at all. @throws TargetError when the disk is full */
export async function writeServerState(state: ServerState): Promise<void> {
  const path = statePath(state.name)
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { flush: true })
    await rename(`${path}.new`, path)
  } catch (error) {
    throw asFileError(error, path)
  }
}

export const forgetServer = (name: string): Promise<void> => rm(statePath(name), { force: true })

/** Names of the servers that have a folder, in order. */
export async function knownServers(): Promise<readonly string[]> {
  const names = await readdir(serversFolder()).catch(() => [])
  return names.toSorted((a, b) => a.localeCompare(b))
}

/**
 * Does work on a server alone. The lock is one of SQLite, which the system takes back when its holder dies.
 * @throws UsageError SERVER_BUSY while another command starts or stops it
 */
export async function withServerLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const folder = serverFolder(name)
  await makeCacheFolder(folder)
  const lock = new NativeConnection(join(folder, 'server.lock'))
  try {
    try {
      lock.scriptSync('BEGIN EXCLUSIVE')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'TARGET_BUSY')) throw error
      throw new UsageError(
        'SERVER_BUSY',
        `another command starts or stops the server ${name} at this moment; try again when it is done`,
      )
    }
    return await work()
  } finally {
    lock.close()
  }
}

/**
 * Whether a process is the server whose files lie in that folder: a process id alone says little, for the system gives
 * those of ended processes to others.
 */
export const isServing = (pid: number, folder: string): boolean => commandLineOf(pid).includes(folder)

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // Systems without /proc.
  }
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: childEnvironment(),
    })
  } catch {
    return ''
  }
}
