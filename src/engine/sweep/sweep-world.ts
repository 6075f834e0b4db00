import { constants } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TargetError } from '../../core/errors.ts'
import type {
  SweepConnectionOptions,
  SweepStatements,
  SweepTarget,
  SweepTargetOptions,
} from '../../scenario/sweep/sweep-context.ts'
import type { Connection } from '../../target/connection.ts'
import { asFileError } from '../../target/file-error.ts'
import { NativeConnection } from '../../target/native.ts'
import { openFile } from '../../target/open.ts'
import {
  PooledClient,
  type PooledLocation,
  type PooledStatements,
} from '../../target/remote/pooled-client.ts'
import { DelayingProxy } from '../../target/proxy/delaying-proxy.ts'
import { serverVersion } from '../../target/remote/server-version.ts'
import { startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'
import type { SweepRoundResult, SweepRoundTask, SweepWorld } from './sweep-round.ts'

/** Requests under way at once, where a target does not say. */
const defaultConcurrency = 64
/** A server with more connections than it takes leaves some unanswered (tried with sqld 0.24.32 and 200 writers). */
const defaultTimeoutMs = 10_000

/** The servers, files and connections of one round, in the process that measures it. */
export class RoundWorld implements SweepWorld {
  readonly #task: SweepRoundTask
  readonly #servers = new Map<string, SweepServer>()
  readonly #files = new Map<string, string>()
  readonly #versions = new Set<string>()
  #clients: PooledClient[] = []
  #connections: Connection[] = []
  #proxy: DelayingProxy | undefined
  #replicas = 0

  constructor(task: SweepRoundTask) {
    this.#task = task
  }

  readonly nowMs = (): number => performance.now()

  readonly sleep = (ms: number): Promise<void> => sleep(ms)

  readonly rows: SweepWorld['rows'] = async (sql) => {
    const connection = new NativeConnection(this.#task.databasePath, { readOnly: true })
    try {
      return connection.querySync(sql).rows
    } finally {
      connection.close()
    }
  }

  readonly target = async (ground: string, options: SweepTargetOptions): Promise<SweepTarget> => {
    const name = `${ground}-${options.on ?? 'main'}`
    if (options.kind === 'file') {
      return this.#connect({ kind: 'file', path: await this.#file(name) }, options)
    }
    const server = await this.#server(name)
    const way =
      options.roundTripMs === undefined
        ? { url: server.url, cut: () => undefined }
        : await (this.#proxy ??= new DelayingProxy()).way(server.url, options.roundTripMs)
    const url = options.kind === 'sqld-ws' ? way.url.replace('http:', 'ws:') : way.url
    const ofServer = { cut: way.cut, restart: () => server.restart() }
    if (options.kind !== 'replica') return this.#connect({ kind: 'server', url }, options, ofServer)
    const path = join(this.#task.folder, `replica-${++this.#replicas}.db`)
    const replica = this.#connect({ kind: 'replica', path, url }, options, ofServer)
    await replica.sync()
    return replica
  }

  readonly connect = async (
    ground: string,
    { driver, pragmas = [], on = 'main' }: SweepConnectionOptions,
  ): Promise<SweepStatements> => {
    const connection = await openFile(await this.#file(`${ground}-${on}`), driver, { pragmas })
    this.#connections.push(connection)
    return {
      query: async (sql, args) => (await connection.query(sql, args)).rows,
      execute: async (sql, args) => (await connection.execute(sql, args)).rowsChanged,
    }
  }

  #connect(
    location: PooledLocation,
    { concurrency = defaultConcurrency, timeoutMs = defaultTimeoutMs }: SweepTargetOptions,
    { cut, restart }: Pick<SweepTarget, 'cut' | 'restart'> = {
      cut: () => undefined,
      restart: () => Promise.resolve(),
    },
  ): SweepTarget {
    const client = new PooledClient(location, concurrency)
    this.#clients.push(client)
    const within = answeredWithin(timeoutMs)
    return {
      ...statementsOf(client, within),
      batch: (statements) => within(client.batch(statements)),
      transaction: (work) => client.transaction((each) => work(statementsOf(each, within))),
      sync: () => within(client.sync()),
      cut,
      restart,
    }
  }

  async #file(name: string): Promise<string> {
    const path = this.#files.get(name) ?? join(this.#task.folder, `${name}.db`)
    if (!this.#files.has(name)) await copyDatabase(this.#task.databasePath, path)
    this.#files.set(name, path)
    return path
  }

  async #server(name: string): Promise<SweepServer> {
    const running = this.#servers.get(name)
    if (running !== undefined) return running
    const folder = join(this.#task.folder, name)
    await mkdir(folder, { recursive: true })
    const server = new SweepServer(folder, await startSqld({ databasePath: this.#task.databasePath, folder }))
    this.#servers.set(name, server)
    const version = await serverVersion(server.url)
    if (version !== undefined) this.#versions.add(version)
    return server
  }

  readonly release = async (kept?: string): Promise<void> => {
    for (const client of this.#clients) client.close()
    this.#clients = []
    for (const connection of this.#connections) await connection.close()
    this.#connections = []
    if (kept !== undefined) return
    this.#files.clear()
    const servers = [...this.#servers.values()]
    this.#servers.clear()
    await Promise.all(servers.map((server) => server.stop()))
  }

  readonly report = async (): Promise<Pick<SweepRoundResult, 'delays' | 'servers'>> => ({
    delays: (await this.#proxy?.delays()) ?? [],
    servers: [...this.#versions],
  })
}

type Within = <T>(answer: Promise<T>) => Promise<T>

/** What has not been answered by then has failed for its caller, although it may still be carried out. */
const answeredWithin =
  (limitMs: number): Within =>
  async (answer) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new TargetError('TARGET_TIMEOUT', `no answer within ${limitMs} ms`)
      timer = setTimeout(() => reject(error), limitMs)
    })
    return Promise.race([answer, late]).finally(() => clearTimeout(timer))
  }

const statementsOf = (statements: PooledStatements, within: Within): SweepStatements => ({
  query: async (sql, args) => (await within(statements.query(sql, args))).rows,
  execute: (sql, args) => within(statements.execute(sql, args)),
})

/** A server that comes back with its data and its port when it is killed. */
class SweepServer {
  readonly url: string
  readonly #folder: string
  #running: RunningSqld

  constructor(folder: string, running: RunningSqld) {
    this.#folder = folder
    this.#running = running
    this.url = running.url
  }

  async restart(): Promise<void> {
    const { pid } = this.#running
    process.kill(pid, 'SIGKILL')
    while (isAlive(pid)) await sleep(5)
    this.#running = await startSqld({ folder: this.#folder, port: Number(new URL(this.url).port) })
  }

  stop(): Promise<void> {
    return this.#running.stop()
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE).catch((error: unknown) => {
    throw asFileError(error, to)
  })
}
