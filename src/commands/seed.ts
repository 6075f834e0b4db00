import type { SingleBar } from 'cli-progress'
import { Command, Option } from 'commander'
import { InvalidMeasurementError, UsageError } from '../core/errors.ts'
import { referenceDataset } from '../reference/dataset.ts'
import type { IdKind } from '../reference/seed/plan.ts'
import { seedDatabase, type SeedSummary } from '../reference/seed/seed-database.ts'
import { verifySeed, type SeedVerification } from '../reference/seed/verify-seed.ts'
import { parseLocation } from '../target/location.ts'
import { decimalNumber, print, wantsColor, wholeNumber, writeJson, type JsonOption } from './console.ts'
import { interruptSignal } from './interruption.ts'

interface SeedFlags {
  readonly db?: string
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
  $ forgebench seed --db file:bench.db --verify`

/** `forgebench seed`: fills a database, or checks one that was filled. */
export function seedCommand(): Command {
  return new Command('seed')
    .summary('fill a database with realistic data')
    .description('Fills a database with the rows of the reference dataset: realistic texts, times and skew.')
    .option('--db <location>', 'the database file, such as file:bench.db')
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
      const { path } = parseLocation(flags.db)
      await (flags.verify ? verify(path, flags) : seed(path, flags))
    })
}

async function seed(path: string, flags: SeedFlags): Promise<void> {
  const progress = await showRowProgress()
  const summary = await seedDatabase({
    path,
    scale: flags.scale,
    seed: flags.seed,
    ids: flags.ids,
    replace: flags.replace ?? false,
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    ...(flags.batchRows === undefined ? {} : { batchRows: flags.batchRows }),
    signal: interruptSignal(),
    onProgress: progress.update,
  }).finally(progress.end)
  await writeJson(flags.json, JSON.stringify(summary, null, 2))
  if (flags.json !== true) print(summaryText(summary))
}

async function verify(path: string, flags: SeedFlags): Promise<void> {
  const progress = await showRowProgress()
  const verification = await verifySeed(path, {
    signal: interruptSignal(),
    onProgress: progress.update,
  }).finally(progress.end)
  await writeJson(flags.json, JSON.stringify(verification, null, 2))
  const { differing, record } = verification
  if (differing.length > 0) {
    throw new InvalidMeasurementError(
      'SEED_DIFFERS',
      `${path}: rows of ${differing.join(', ')} are not those of seed ${record.seed}; seed again with --replace`,
    )
  }
  if (flags.json !== true) print(verifiedText(verification))
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
}: SeedSummary): string {
  return [
    `seeded ${path}: ${rowsText(rows)}`,
    `scale ${scale}, seed ${seed}, ids ${ids}, ${(elapsedMs / 1000).toFixed(1)} s, ${grouped(rowsPerSecond)} rows/s with indexes`,
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
