import type { SingleBar } from 'cli-progress'
import { Command, Option } from 'commander'
import { InvalidMeasurementError, UsageError } from '../core/errors.ts'
import { readToken } from '../load/target/token.ts'
import { referenceDataset } from '../reference/dataset.ts'
import type { IdKind } from '../reference/seed/plan.ts'
import { seedDatabase, type SeedSummary } from '../reference/seed/seed-database.ts'
import type { ServerSeedSummary } from '../reference/seed/server/seed-server.ts'
import { verifySeed, type SeedVerification } from '../reference/seed/verify-seed.ts'
import { parseTarget, type RemoteLocation } from '../target/location.ts'
import type { RemoteConnection } from '../target/remote/remote.ts'
import { decimalNumber, print, wantsColor, wholeNumber, writeJson, type JsonOption } from './console.ts'
import { interruptSignal } from './interruption.ts'

interface SeedFlags {
  readonly db?: string
  readonly authTokenEnv?: string
  readonly scale: number
  readonly seed: number
  readonly ids: IdKind
  readonly workers?: number
  readonly batchRows?: number
  readonly replace?: true
  readonly verify?: true
  readonly json?: JsonOption
}

const help = `
Scale 1 has ${referenceDataset.description},
about 190 MB. The same seed and scale always give the same rows, and the printed digest proves it.

Example:
  $ forgebench seed --db file:bench.db --scale 1 --seed 42
  $ forgebench seed --db file:bench.db --verify
  $ forgebench seed --db http://127.0.0.1:8080 --scale 0.1

A server gets the same rows. A seed that was cut short is gone on with by the same command.`

/** `forgebench seed`: fills a database, or checks one that was filled. */
export function seedCommand(): Command {
  return new Command('seed')
    .summary('fill a database with realistic data')
    .description('Fills a database with the rows of the reference dataset: realistic texts, times and skew.')
    .option('--db <location>', 'file:path, or a server: http://…, ws://… or libsql://…')
    .option('--auth-token-env <name>', 'environment variable with a token for the server')
    .option('--scale <number>', 'size, 0.01 to 100', decimalNumber(0.01, 100), 1)
    .option('--seed <integer>', 'which rows, 0 to 4294967295', wholeNumber(0, 2 ** 32 - 1), 42)
    .addOption(new Option('--ids <kind>', 'version of the UUIDs').choices(['v4', 'v7']).default('v4'))
    .option('--workers <n>', 'threads that generate, 0 for none; the rows stay the same', wholeNumber(0, 64))
    .option(
      '--batch-rows <n>',
      'rows that a thread hands over at once; the rows stay the same',
      wholeNumber(1, 10_000_000),
    )
    .option('--replace', 'replace a database that has rows')
    .addOption(
      new Option('--verify', 'read a seeded database back and compare its digest; writes nothing').conflicts([
        'scale',
        'seed',
        'ids',
        'workers',
        'batchRows',
        'replace',
      ]),
    )
    .option('--json [file]', 'print the summary as JSON, to the file or to stdout')
    .addHelpText('after', help)
    .action(async (flags: SeedFlags) => {
      if (flags.db === undefined) {
        throw new UsageError('DB_MISSING', '--db is missing; write --db file:path/to/database.db')
      }
      const location = parseTarget(flags.db)
      const made =
        location.kind === 'remote'
          ? await withServer(location, flags, flags.verify ? verifyOnServer : seedOnServer)
          : await (flags.verify ? verify(location.path) : seed(location.path, flags))
      await say(made, flags)
    })
}

type Made = SeedSummary | ServerSeedSummary | SeedVerification

async function seed(path: string, flags: SeedFlags): Promise<SeedSummary> {
  const { authTokenEnv, workers, batchRows } = flags
  if (authTokenEnv !== undefined)
    throw new UsageError('SEED_OPTION', '--auth-token-env is for a server, and --db is a file; leave it out')
  const progress = await showRowProgress()
  return seedDatabase({
    path,
    ...orderOf(flags),
    ...(workers === undefined ? {} : { workers }),
    ...(batchRows === undefined ? {} : { batchRows }),
    signal: interruptSignal(),
    onProgress: progress.update,
  }).finally(progress.end)
}

const orderOf = ({ scale, seed, ids, replace }: SeedFlags) => ({
  scale,
  seed,
  ids,
  replace: replace ?? false,
})

async function verify(path: string): Promise<SeedVerification> {
  const progress = await showRowProgress()
  const options = { signal: interruptSignal(), onProgress: progress.update }
  return verifySeed(path, options).finally(progress.end)
}

async function withServer(
  location: RemoteLocation,
  flags: SeedFlags,
  work: (remote: RemoteConnection, url: string, flags: SeedFlags) => Promise<Made>,
): Promise<Made> {
  const token = readToken(flags.authTokenEnv ?? null, process.env)
  // Loaded when it is asked for: it brings a network stack that a file never uses.
  const { RemoteConnection } = await import('../target/remote/remote.ts')
  const remote = new RemoteConnection(location, { concurrency: 1, authToken: token })
  try {
    return await work(remote, location.url, flags)
  } finally {
    remote.close()
  }
}

async function seedOnServer(remote: RemoteConnection, url: string, flags: SeedFlags): Promise<Made> {
  if ((flags.workers ?? flags.batchRows) !== undefined) {
    throw new UsageError(
      'SEED_OPTION',
      '--workers and --batch-rows are for files: rows go to a server one statement after the other; leave them out',
    )
  }
  const { seedServer } = await import('../reference/seed/server/seed-server.ts')
  const progress = await showRowProgress()
  const options = { url, ...orderOf(flags), signal: interruptSignal(), onProgress: progress.update }
  return seedServer(remote, options).finally(progress.end)
}

async function verifyOnServer(remote: RemoteConnection, url: string): Promise<Made> {
  const { verifyServer } = await import('../reference/seed/server/verify-server.ts')
  const progress = await showRowProgress()
  const options = { signal: interruptSignal(), onProgress: progress.update }
  return verifyServer(remote, url, options).finally(progress.end)
}

async function say(made: Made, flags: SeedFlags): Promise<void> {
  await writeJson(flags.json, JSON.stringify(made, null, 2))
  if ('differing' in made && made.differing.length > 0) {
    throw new InvalidMeasurementError(
      'SEED_DIFFERS',
      `${made.path}: rows of ${made.differing.join(', ')} are not those of seed ${made.record.seed}; seed again with --replace`,
    )
  }
  if (flags.json !== true) print('differing' in made ? verifiedText(made) : summaryText(made))
}

const grouped = (value: number): string => value.toLocaleString('en-US')

const rowsText = (rows: SeedSummary['rows']): string =>
  Object.entries(rows)
    .map(([table, count]) => `${grouped(count)} ${table}`)
    .join(', ')

function summaryText({
  path,
  rows,
  scale,
  seed,
  ids,
  digest,
  elapsedMs,
  rowsPerSecond,
  ...more
}: SeedSummary | ServerSeedSummary): string {
  const before = 'rowsBefore' in more && more.rowsBefore > 0 ? more.rowsBefore : undefined
  return [
    `seeded ${path}: ${rowsText(rows)}`,
    `scale ${scale}, seed ${seed}, ids ${ids}, ${(elapsedMs / 1000).toFixed(1)} s, ${grouped(rowsPerSecond)} rows/s with indexes`,
    ...(before === undefined ? [] : [`went on after ${grouped(before)} rows of a seed that had not ended`]),
    `digest ${digest.all}`,
  ].join('\n')
}

function verifiedText({ path, rows, found }: SeedVerification): string {
  return [`verified ${path}: ${rowsText(rows)}`, `digest ${found.all}`].join('\n')
}

/** Shows how far a long job over rows is; `end` clears the line. */
interface RowProgress {
  readonly update: (rowsDone: number, rowsTotal: number, step: string) => void
  readonly end: () => void
}

const linePauseMs = 2000

/** A bar on a terminal, a plain line every two seconds elsewhere (pipes, CI, NO_COLOR); always on stderr. */
async function showRowProgress(): Promise<RowProgress> {
  const interactive = wantsColor(process.stderr) && (process.env['CI'] ?? '') === ''
  return interactive ? barProgress() : lineProgress()
}

const rate = (rows: number, startedMs: number): number =>
  Math.round((rows / Math.max(1, performance.now() - startedMs)) * 1000)

async function barProgress(): Promise<RowProgress> {
  const { default: progress } = await import('cli-progress')
  const startedMs = performance.now()
  let bar: SingleBar | undefined
  return {
    update: (rowsDone, rowsTotal, step) => {
      if (bar === undefined) {
        const format =
          '{bar} {percentage}% | {value}/{total} rows | {rate} rows/s | ETA {eta_formatted} | {step}'
        bar = new progress.SingleBar({ format, stream: process.stderr, clearOnComplete: true })
        bar.start(rowsTotal, 0, { rate: 0, step })
      }
      bar.update(rowsDone, { rate: rate(rowsDone, startedMs), step })
      // Between two indexes the engine blocks this thread, and the bar's own timer with it.
      bar.render()
    },
    end: () => bar?.stop(),
  }
}

function lineProgress(): RowProgress {
  const startedMs = performance.now()
  let shownMs = startedMs
  return {
    update: (rowsDone, rowsTotal, step) => {
      const nowMs = performance.now()
      if (nowMs - shownMs < linePauseMs) return
      shownMs = nowMs
      const left = (((nowMs - startedMs) / Math.max(1, rowsDone)) * (rowsTotal - rowsDone)) / 1000
      process.stderr.write(
        `${rowsDone} of ${rowsTotal} rows, ${rate(rowsDone, startedMs)} rows/s, ETA ${Math.ceil(left)} s (${step})\n`,
      )
    },
    end: () => undefined,
  }
}
