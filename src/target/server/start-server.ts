import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { childEnvironment } from '../../core/child-environment.ts'
import { errorText } from '../../core/error-text.ts'
import { InterruptedError, TargetError, UsageError } from '../../core/errors.ts'
import { makeCacheFolder } from '../cache-folder.ts'
import { asFileError } from '../file-error.ts'
import { freePort } from './free-port.ts'
import { inspectFile, parseLocation } from '../location.ts'
import { serverVersion } from '../remote/server-version.ts'
import { lastLogLine, sqldArguments, waitUntilHealthy, type SqldLaunch } from './sqld-launch.ts'
import { copyWhole, databaseIn, requireSqld } from './sqld-process.ts'
import { prepareKeys } from './server-keys.ts'
import {
  forgetServer,
  isServing,
  readServerState,
  serverFolder,
  withServerLock,
  writeServerState,
  type ServerState,
} from './server-state.ts'
import { endProcess } from './stop-server.ts'

export interface StartServerOptions {
  /** As in `--db`: a database file that the server starts from; it is copied. */
  readonly db?: string | undefined
  readonly port?: number | undefined
  readonly replica: boolean
  readonly auth: boolean
  /** Ed25519 public key (PEM) of tokens that are signed elsewhere. */
  readonly jwtKeyPath?: string | undefined
  readonly sqldPath?: string | undefined
  readonly signal: AbortSignal
}

/**
 * Starts a libSQL server that goes on after this process, and waits until it answers. With a replica there are two; the
 * one at `url` is the primary.
 * @throws UsageError SERVER_RUNS, SERVER_HAS_DATA, SERVER_BUSY, SQLD_MISSING, PORT_IN_USE; TargetError SQLD_FAILED, and
 *   when the disk is full
 */
export async function startServer(name: string, options: StartServerOptions): Promise<ServerState> {
  const folder = serverFolder(name)
  const binary = await requireSqld(options.sqldPath)
  return withServerLock(name, async () => {
    const running = await readServerState(name)
    if (running !== undefined && isServing(running.pid, folder)) {
      throw new UsageError(
        'SERVER_RUNS',
        `the server ${name} runs already at ${running.url}; stop it with: forgebench server stop ${name}`,
      )
    }
    const primary = join(folder, 'primary')
    await placeDatabase(name, primary, options.db)
    const starting = new StartingServers(binary, folder, options)
    try {
      return await starting.start(name)
    } catch (error) {
      await starting.undo()
      await forgetServer(name)
      // A start that failed leaves no database that the next one would have to remove.
      if (options.db !== undefined) await rm(primary, { recursive: true, force: true })
      throw error
    }
  })
}

/** Puts a copy of a database to where the server looks for it, whole or not at all. */
async function placeDatabase(name: string, folder: string, db: string | undefined): Promise<void> {
  const place = databaseIn(folder)
  await makeCacheFolder(dirname(place))
  if (db === undefined) return
  const { path } = parseLocation(db)
  if ((await inspectFile(path, 'read')) !== 'database') {
    throw new UsageError('TARGET_NOT_FOUND', `no database ${path}; make it with: forgebench seed --db ${db}`)
  }
  if (existsSync(place)) {
    throw new UsageError(
      'SERVER_HAS_DATA',
      `the server ${name} has a database from before; remove it with: forgebench server stop ${name} --remove`,
    )
  }
  try {
    await copyWhole(path, `${place}.new`)
    await rename(`${place}.new`, place)
  } catch (error) {
    await rm(`${place}.new`, { force: true })
    throw asFileError(error, place)
  }
}

/** A primary and perhaps its replica on their way up. */
class StartingServers {
  readonly #binary: string
  readonly #folder: string
  readonly #options: StartServerOptions
  readonly #pids: number[] = []

  constructor(binary: string, folder: string, options: StartServerOptions) {
    this.#binary = binary
    this.#folder = folder
    this.#options = options
  }

  async start(name: string): Promise<ServerState> {
    const { port, replica, auth, jwtKeyPath } = this.#options
    const hasKeys = auth || jwtKeyPath !== undefined
    const keys = hasKeys ? await prepareKeys(this.#folder, jwtKeyPath) : undefined
    const adminPort = await freePort('127.0.0.1')
    const grpcPort = replica ? await freePort('127.0.0.1') : undefined
    const primary = await this.#launch(
      'primary',
      { port: await freePort('127.0.0.1', port), adminPort, grpcPort, jwtKeyPath: keys?.jwtKeyPath },
      keys?.adminKey,
    )
    const state: ServerState = {
      name,
      url: primary.url,
      adminUrl: `http://127.0.0.1:${adminPort}`,
      pid: primary.pid,
      version: null,
      folder: this.#folder,
      auth: hasKeys ? 'jwt' : 'none',
      replica: null,
      startedAt: new Date().toISOString(),
    }
    // Written before it answers, so that a server whose start was killed can still be stopped.
    await writeServerState(state)
    await this.#waitFor('primary', primary)
    const second = replica
      ? await this.#launch('replica', {
          port: await freePort('127.0.0.1'),
          primaryGrpcPort: grpcPort,
          jwtKeyPath: keys?.jwtKeyPath,
        })
      : null
    const whole = { ...state, replica: second, version: (await serverVersion(primary.url)) ?? null }
    await writeServerState(whole)
    if (second !== null) await this.#waitFor('replica', second)
    return whole
  }

  async #launch(
    role: 'primary' | 'replica',
    launch: Omit<SqldLaunch, 'folder'>,
    adminKey?: string,
  ): Promise<{ readonly url: string; readonly pid: number }> {
    const folder = join(this.#folder, role)
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw asFileError(error, folder)
    })
    const logPath = this.#logPath(role)
    const log = await open(logPath, 'a').catch((error: unknown) => {
      throw asFileError(error, logPath)
    })
    try {
      const child = spawn(this.#binary, sqldArguments({ ...launch, folder }), {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: {
          ...childEnvironment(),
          RUST_LOG: 'info',
          ...(adminKey === undefined ? {} : { LIBSQL_ADMIN_AUTH_KEY: adminKey }),
        },
      })
      const failed = new Promise<never>((_, reject) => child.once('error', reject))
      await Promise.race([failed, new Promise((resolve) => child.once('spawn', resolve))]).catch((error) => {
        throw new TargetError('SQLD_FAILED', `${this.#binary} cannot be run: ${errorText(error)}`)
      })
      child.unref()
      this.#pids.push(child.pid!)
      return { url: `http://127.0.0.1:${launch.port}`, pid: child.pid! }
    } finally {
      await log.close()
    }
  }

  #logPath(role: 'primary' | 'replica'): string {
    return join(this.#folder, `${role}.log`)
  }

  async #waitFor(role: 'primary' | 'replica', { url, pid }: { readonly url: string; readonly pid: number }) {
    const { signal } = this.#options
    const isUp = await waitUntilHealthy(url, () => signal.aborted || !isServing(pid, this.#folder))
    if (signal.aborted) throw new InterruptedError()
    if (isUp) return
    if (await isFull(this.#folder)) {
      throw new TargetError(
        'TARGET_DISK_FULL',
        `${this.#folder}: the disk is full; free room, then start again`,
      )
    }
    const logPath = this.#logPath(role)
    const lastLine = (await lastLogLine(logPath)) || 'it said nothing'
    throw new TargetError('SQLD_FAILED', `the ${role} did not come up: ${lastLine} (log: ${logPath})`)
  }

  /** Ends what was started. */
  async undo(): Promise<void> {
    for (const pid of this.#pids.toReversed()) await endProcess(pid, this.#folder)
  }
}

const isFull = (folder: string): Promise<boolean> =>
  statfs(folder).then(
    ({ bavail, ffree, files }) => bavail === 0 || (files > 0 && ffree === 0),
    () => false,
  )
