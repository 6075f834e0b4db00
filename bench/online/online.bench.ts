/**
 * `forgebench migrate online` while reads and writes go on at a steady rate: what is lost, and what latencies become. Usage:
 * `npm run bench:online -- [--out reports/servers]`
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seedDatabase } from '../../src/reference/seed/seed-database.ts'
import { quantile, sortNumbers } from '../../src/stats/quantile.ts'
import { NativeConnection } from '../../src/target/native.ts'
import { RemoteConnection } from '../../src/target/remote/remote.ts'
import { findSqld, startSqld } from '../../src/target/server/sqld-process.ts'
import { markdownTable } from '../text/markdown-table.ts'
import { startLoad, type LoadReport } from './online-load.ts'

const scale = 0.25
const quietMs = 4_000
/** A request of a server takes milliseconds, and a process sends one at a time. */
const rates = { file: { reads: 200, writes: 50 }, sqld: { reads: 50, writes: 20 } } as const
const migrations = ['composite-indexes', 'binary-uuids']

const { values } = parseArgs({ options: { out: { type: 'string' } } })
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'forgebench-online-bench-'))

interface Migrated {
  readonly branch: { readonly migrateMs: number }
  readonly caughtUp: { readonly rows: number }
  readonly switchMs: number
}

/** Migrates in a process of its own. @throws Error when it does not switch */
async function migrate(db: string, name: string): Promise<Migrated> {
  const child = spawn(process.execPath, [cli, 'migrate', 'online', name, '--db', db, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const [status] = (await once(child, 'close')) as [number]
  if (status !== 0) throw new Error(`${name} on ${db} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as Migrated
}

const nowMs = (): number => performance.timeOrigin + performance.now()

/** A quantile with the order statistics that hold it in 95 % of samples, were they independent. */
function withBounds(latencies: readonly number[], p: number): string {
  const sorted = sortNumbers(latencies)
  const spread = 1.96 * Math.sqrt(sorted.length * p * (1 - p))
  const at = (rank: number): number =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(rank)))] ?? NaN
  const [low, high] = [at(sorted.length * p - spread - 1), at(sorted.length * p + spread)]
  return `${quantile(sorted, p).toFixed(2)} [${low.toFixed(2)}–${high.toFixed(2)}]`
}

function rowsOf(target: string, name: string, report: LoadReport, fromMs: number, toMs: number): string[][] {
  const phases = [
    ['before', fromMs - quietMs, fromMs],
    ['during', fromMs, toMs],
    ['after', toMs, Infinity],
  ] as const
  return phases.map(([phase, from, to]) => {
    const latencies = report.latencyMs.filter((_, index) => {
      const at = report.atMs[index]!
      return at >= from && at < to
    })
    const max = Math.max(...latencies).toFixed(1)
    return [
      target,
      name,
      report.kind,
      phase,
      String(latencies.length),
      withBounds(latencies, 0.5),
      withBounds(latencies, 0.95),
      max,
    ]
  })
}

/** Writes that were acknowledged and are not there. */
async function lostWrites(db: string, { acknowledged }: LoadReport): Promise<number> {
  const target = db.startsWith('http')
    ? new RemoteConnection({ kind: 'remote', url: db }, { concurrency: 1 })
    : new NativeConnection(db, { readOnly: true, busyTimeoutMs: 10_000 })
  const { rows } = await target.query(`SELECT rowid, title FROM prompts WHERE title LIKE 'load-%'`)
  target.close()
  const titles = new Map(rows.map(([rowid, title]) => [Number(rowid), title]))
  return acknowledged.filter((index) => titles.get(index + 1) !== `load-${index}`).length
}

const rateText = (target: keyof typeof rates): string =>
  `${rates[target].reads} and ${rates[target].writes} a second`

const latencyRows: string[][] = []
const lossRows: string[][] = []

async function measure(target: keyof typeof rates, db: string, name: string): Promise<void> {
  const stops = await Promise.all(
    (['reads', 'writes'] as const).map((kind) => startLoad({ db, kind, ratePerSec: rates[target][kind] })),
  )
  await sleep(quietMs)
  const fromMs = nowMs()
  const { caughtUp, switchMs, branch } = await migrate(db, name)
  const toMs = nowMs()
  await sleep(quietMs)
  const [reads, writes] = (await Promise.all(stops.map((stop) => stop()))) as [LoadReport, LoadReport]
  for (const report of [reads, writes]) latencyRows.push(...rowsOf(target, name, report, fromMs, toMs))
  const lost = await lostWrites(db, writes)
  lossRows.push([
    target,
    name,
    ((toMs - fromMs) / 1000).toFixed(1),
    (branch.migrateMs / 1000).toFixed(2),
    (switchMs / 1000).toFixed(2),
    String(caughtUp.rows),
    `${reads.failures.length} of ${reads.atMs.length}`,
    `${writes.failures.length} of ${writes.atMs.length}`,
    String(lost),
  ])
  for (const failure of new Set([...reads.failures, ...writes.failures])) process.stderr.write(`${failure}\n`)
}

async function seeded(name: string): Promise<string> {
  const path = join(folder, `${name}.db`)
  await seedDatabase({ path, scale, seed: 1, ids: 'v4' })
  return path
}

try {
  for (const name of migrations) await measure('file', await seeded(`file-${name}`), name)
  const sqld = await findSqld()
  for (const name of sqld === undefined ? [] : migrations) {
    const server = await startSqld({ databasePath: await seeded(`served-${name}`) })
    await measure('sqld', server.url, name)
    await server.stop()
  }
  const text = [
    '# Online migration under load',
    '',
    `\`npm run bench:online\`: reads and writes at a steady rate, each kind in a process of its own (file: ${rateText('file')}; sqld: ${rateText('sqld')}), on the reference data at scale ${scale}; ${cpus().length} cores, Node ${process.version}.`,
    'Latencies in milliseconds from when an operation was due, so that waiting counts; in brackets the order statistics of a 95 % interval, which neighbours in time make too narrow.',
    '',
    markdownTable(
      [
        'target',
        'migration',
        'all, s',
        'on the branch, s',
        'writers waited, s',
        'rows caught up',
        'reads failed',
        'writes failed',
        'acknowledged writes lost',
      ],
      lossRows,
    ),
    '',
    markdownTable(['target', 'migration', 'kind', 'phase', 'operations', 'P50', 'P95', 'max'], latencyRows),
    '',
  ].join('\n')
  process.stdout.write(text)
  if (values.out !== undefined) {
    await mkdir(values.out, { recursive: true })
    await writeFile(join(values.out, 'online-migration.md'), text)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
