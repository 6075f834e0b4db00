import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from 'simple-statistics'
import { readMigrations } from '../../src/schema/migration.ts'
import { splitIndexes } from '../../src/reference/seed/file/empty-database.ts'
import { rowCounts, tableNames, totalRows } from '../../src/reference/seed/scale.ts'
import { migrationsFolder } from '../../src/reference/migrations-folder.ts'
import { textTable } from '../text/text-table.ts'

/**
 * Seeding against the fastest loader that comes with SQLite: `forgebench seed` (generating, hashing, loading,
 * indexing, fsync; a new process each time) and `sqlite3 .import` of the same rows from CSV files, followed by
 * the same indexes. Both alternate. Usage: `npm run bench:seed -- [scale] [repetitions]`.
 */
const [scale = 1, repetitions = 5] = process.argv.slice(2).map(Number)
const command = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const timer = '/usr/bin/time'

const importPragmas = `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY; PRAGMA threads = 2;`

interface Timing {
  readonly seconds: number
  /** Peak resident memory, where /usr/bin/time is installed. */
  readonly rssMib: number | undefined
}

function timed(file: string, args: readonly string[], input?: string): Timing {
  const wrapped = existsSync(timer) ? [timer, '-f', 'rss %M', file, ...args] : [file, ...args]
  const started = performance.now()
  const { status, stderr } = spawnSync(wrapped[0]!, wrapped.slice(1), {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    ...(input === undefined ? {} : { input }),
  })
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) throw new Error(`${file} failed: ${stderr}`)
  const kibibytes = /rss (\d+)/.exec(stderr)?.[1]
  return { seconds, rssMib: kibibytes === undefined ? undefined : Number(kibibytes) / 1024 }
}

const csvOf = (folder: string, table: string): string => join(folder, `${table}.csv`)

async function importScript(folder: string): Promise<string> {
  const initial = (await readMigrations(migrationsFolder)).find(({ id }) => id === 'initial')!
  const { tables, indexes } = splitIndexes(initial)
  const imports = tableNames.map((table) => `.import ${csvOf(folder, table)} ${table}`)
  const sql = (statements: readonly string[]): string => statements.map((one) => `${one};`).join('\n')
  return `${importPragmas}\n${sql(tables)}\nBEGIN;\n.mode csv\n${imports.join('\n')}\nCOMMIT;\n${sql(indexes)}\n`
}

function row(name: string, timings: readonly Timing[], rows: number, megabytes: number): readonly string[] {
  const seconds = timings.map((timing) => timing.seconds)
  const rss = Math.max(...timings.map(({ rssMib }) => rssMib ?? NaN))
  return [
    name,
    `${median(seconds).toFixed(2)} s`,
    `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`,
    Math.round(rows / median(seconds)).toLocaleString('en-US'),
    Number.isNaN(rss) ? 'n/a' : rss.toFixed(0),
    megabytes.toFixed(0),
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'forgebench-bench-'))
try {
  const [seeded, imported] = [join(folder, 'seeded.db'), join(folder, 'imported.db')]
  const size = ['--scale', String(scale), '--seed', '42']
  const seedArguments = [command, 'seed', '--db', seeded, ...size, '--replace']
  timed(process.execPath, seedArguments)
  const exports = tableNames.map((table) => `.once ${csvOf(folder, table)}\nSELECT * FROM ${table};`)
  timed('sqlite3', [seeded], `.mode csv\n${exports.join('\n')}\n`)
  const script = await importScript(folder)
  const [seeds, imports]: [Timing[], Timing[]] = [[], []]
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    await rm(seeded, { force: true })
    await rm(imported, { force: true })
    seeds.push(timed(process.execPath, seedArguments))
    imports.push(timed('sqlite3', [imported], script))
    process.stderr.write(`repetition ${repetition + 1} of ${repetitions}\n`)
  }
  const rows = totalRows(rowCounts(scale))
  const megabytes = async (path: string): Promise<number> => (await stat(path)).size / 1e6
  const ratios = seeds.map(({ seconds }, index) => imports[index]!.seconds / seconds)
  const table = textTable(
    ['', 'median', 'range (s)', 'rows/s', 'RSS MiB', 'file MB'],
    [
      row('forgebench seed', seeds, rows, await megabytes(seeded)),
      row('sqlite3 .import + index', imports, rows, await megabytes(imported)),
    ],
  )
  process.stdout.write(
    `${rows.toLocaleString('en-US')} rows (scale ${scale}), ${repetitions} alternating repetitions, ${cpus().length} cores\n` +
      `${table}\n` +
      `seed / import, rows per second: ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})\n` +
      `.import ran with: ${importPragmas.replaceAll('\n', ' ')} one transaction; NULL becomes '' in CSV\n`,
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
