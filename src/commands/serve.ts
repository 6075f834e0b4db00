import { constants } from 'node:fs'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { Command } from 'commander'
import { startApiWorkers } from '../reference/api/server/api-workers.ts'
import { startApi, type ApiOptions, type RunningApi } from '../reference/api/server/start-api.ts'
import { UsageError } from '../core/errors.ts'
import { outsideText } from '../core/outside-text.ts'
import { exampleRequest, referenceDataset } from '../reference/dataset.ts'
import { stageDatabase } from '../stage/stage-databases.ts'
import { cacheFolder, makeCacheFolder } from '../target/cache-folder.ts'
import { asFileError } from '../target/file-error.ts'
import { parseTarget, type Location } from '../target/location.ts'
import { dataOptions, print, wholeNumber, writeJson, type DataOptions, type JsonOption } from './console.ts'
import { interruptSignal } from './interruption.ts'
import { runProgress } from './run-progress.ts'

interface ServeOptions extends DataOptions {
  readonly db?: string
  readonly migrations?: string
  readonly analyze?: true
  readonly port: number
  readonly host: string
  readonly allowPublic?: true
  readonly workers: number
  readonly authTokenEnv?: string
  readonly json?: JsonOption
}

const help = `
Without --db it serves a copy of seeded data, which is thrown away at the end.

Example:
  $ forgebench serve --scale 1 --migrations composite-indexes
  $ forgebench serve --db http://127.0.0.1:8080 --auth-token-env TURSO_TOKEN --port 0`

export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('the reference API, to practise load on')
    .description('Serves the reference HTTP API on a database that has the tables of the reference dataset.')
    .option('--db <location>', 'file:path, http://…, ws://… or libsql://…; it is written to')
    .option('--migrations <names>', 'migrations of the seeded data after «initial», with commas between')
    .option('--variant-migrations <names>', 'the same as --migrations')
    .option('--analyze', 'run ANALYZE on the seeded data')
    .option('--port <n>', 'where to listen, 0 for a free port', wholeNumber(0, 65_535), 8787)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allow-public', 'listen on an address that other machines reach; there are no passwords')
    .option('--workers <n>', 'processes that share the port', wholeNumber(1, 64), 1)
    .option('--auth-token-env <name>', "environment variable that holds the database server's token")
  return dataOptions(command)
    .option('--json [file]', 'where it listens and what it serves, to a file or to stdout')
    .addHelpText('after', help)
    .action((options: ServeOptions & { readonly variantMigrations?: string }) =>
      serve({ ...options, ...(options.variantMigrations && { migrations: options.variantMigrations }) }),
    )
}

async function serve(options: ServeOptions): Promise<void> {
  refusePublic(options)
  const signal = interruptSignal()
  const { location, remove } =
    options.db === undefined ? await workingCopy(options, signal) : named(options, options.db)
  try {
    const { port, host, authTokenEnv: tokenEnv, workers } = options
    const api = await start({ location, port, host, tokenEnv }, workers)
    await announce(api, location, options)
    if (!signal.aborted) await once(signal, 'abort')
    await api.close()
  } finally {
    await remove()
  }
}

const start = (options: ApiOptions, workers: number): Promise<RunningApi> =>
  workers === 1
    ? startApi(options)
    : startApiWorkers(options, workers, (text) => process.stderr.write(`forgebench: ${outsideText(text)}\n`))

async function announce(api: RunningApi, location: Location, { db, json }: ServeOptions): Promise<void> {
  const { url, port, facts } = api
  const source = location.kind === 'file' ? location.path : location.url
  await writeJson(json, JSON.stringify({ url, port, database: source, facts }))
  if (json === true) return
  const kind = db === undefined ? 'a copy of seeded data, thrown away at the end' : source
  print(
    [
      `listening on ${url}`,
      `serving ${kind} (schema ${facts['schema']}, statistics ${facts['statistics']}, ${facts['driver']})`,
      `try: curl '${url}${exampleRequest}'    stop: Ctrl-C`,
    ].join('\n'),
  )
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

function refusePublic({ host, allowPublic }: ServeOptions): void {
  if (loopback.test(host) || allowPublic === true) return
  throw new UsageError(
    'HOST_PUBLIC',
    `--host ${host} lets other machines write to the database, without a password; add --allow-public if you mean it`,
  )
}

interface Served {
  readonly location: Location
  readonly remove: () => Promise<void>
}

function named({ migrations, analyze }: ServeOptions, db: string): Served {
  if (migrations !== undefined || analyze === true) {
    throw new UsageError(
      'SERVE_MIGRATIONS',
      '--migrations and --analyze are for seeded data; with --db use: forgebench migrate up … --db …',
    )
  }
  return { location: parseTarget(db), remove: async () => undefined }
}

async function workingCopy(options: ServeOptions, signal: AbortSignal): Promise<Served> {
  const { scale, seed, migrations = '', analyze } = options
  const names = migrations.split(',').filter((name) => name.trim() !== '')
  const progress = runProgress(process.stderr, () => performance.now())
  const stage = await stageDatabase(
    {
      dataset: referenceDataset,
      data: { scale, seed, ids: 'v4' },
      migrations: names.map((name) => name.trim()),
      statistics: analyze === true ? 'analyzed' : 'none',
    },
    {
      signal,
      onSeeding: (rowsDone, rowsTotal) => progress.listen({ kind: 'seeding', rowsDone, rowsTotal }),
      onStaged: () => undefined,
    },
  ).finally(progress.end)
  // Beside the stages, so that file systems that can share the bytes do.
  const folder = join(cacheFolder(), 'served')
  await makeCacheFolder(folder)
  await removeLeftovers(folder)
  const own = await mkdtemp(join(folder, `${process.pid}-`))
  const path = join(own, 'database.db')
  const remove = (): Promise<void> => rm(own, { recursive: true, force: true })
  await copyFile(stage.path, path, constants.COPYFILE_FICLONE).catch(async (error: unknown) => {
    await remove()
    throw asFileError(error, own)
  })
  return { location: { kind: 'file', path }, remove }
}

/** Copies of processes that were killed. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isAlive(Number(name.split('-')[0]))) await rm(join(folder, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
