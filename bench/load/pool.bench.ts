/**
 * Every engine without an option about connections, on servers that answer slowly, at low and high rates. Usage:
 * `npm run bench:load:pool -- [--out reports/load]`
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { LoadRun } from '../../src/run/load/load-run.ts'
import { latenciesOf, loadSamples } from '../../src/run/load/load-samples.ts'
import { parseRun } from '../../src/run/read.ts'
import { latencyQuantileNs } from '../../src/stats/latency-counts.ts'
import { textTable } from '../text/text-table.ts'
import { publish, say } from './bench-report.ts'
import type { Calibration } from './calibration/calibration.ts'
import { k6 } from './rivals/k6.ts'

/** autocannon spreads its sends by timers, which fire up to a millisecond late; its answers are timed from when they were due. */
const toleranceMs = { open: 1, autocannon: 2, k6: 1 } as const

/** One engine on one server: answers after `delayMs`, asked `ratePerSec` times a second. */
interface PoolCell {
  readonly engine: keyof typeof toleranceMs
  readonly delayMs: number
  readonly ratePerSec: number
}

const cells: readonly PoolCell[] = [5, 50, 300, 1000, 3000].flatMap((delayMs) =>
  [20, 200, 2000].flatMap((ratePerSec) =>
    (['open', 'autocannon', 'k6'] as const).map((engine) => ({ engine, delayMs, ratePerSec })),
  ),
)
const { values } = parseArgs({ options: { out: { type: 'string' } } })
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const verdicts: Readonly<Record<number, string>> = { 0: 'PASS', 1: 'FAIL', 3: 'INCONCLUSIVE', 4: 'INVALID' }
const warmUpSeconds = 1

/**
 * What `forgebench load` says without an option about connections, beside what the server saw; whether both agree.
 * @throws Error when the command wrote no Run
 */
async function measureCell(
  { engine, delayMs, ratePerSec }: PoolCell,
  calibration: Calibration,
  out: string,
): Promise<{ row: string[]; isRight: boolean }> {
  await calibration.behave({ kind: 'fixed', delayMs })
  // A P95 is judged on some 200 requests, however low the rate.
  const seconds = Math.max(2, Math.ceil(200 / ratePerSec))
  const threshold = `http_req_duration=p(95)<${delayMs * 1.5 + 20}`
  const profile = path('./rivals/one-get.ts')
  const args = [
    `load --engine ${engine} --rate ${ratePerSec} --duration ${warmUpSeconds + seconds} --connect-rate 4000`,
    `--no-floor --json --url ${calibration.url} --threshold ${threshold}`,
  ].flatMap((part) => part.split(' '))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path('../../dist/cli.js'), ...args, '--profile', profile, '--out', out],
    { encoding: 'utf8', maxBuffer: 1e9 },
  )
  if (!stdout.startsWith('{')) throw new Error(`${engine} wrote no Run: ${stderr.slice(-500)}`)
  const run = parseRun(stdout, engine) as LoadRun
  const measured = loadSamples(run).filter(({ isMeasured }) => isMeasured)
  const says = latenciesOf(measured, engine === 'k6' ? 'service' : 'response', 'recorded')
  const truth = (await calibration.truth()).answers
  const [p50Ms, trueP50Ms, p95Ms, trueP95Ms] = [0.5, 0.95].flatMap((q) =>
    [says, truth].map((latencies) => latencyQuantileNs(latencies, q) / 1e6),
  ) as [number, number, number, number]
  const perSec = says.samples / seconds
  const verdict = verdicts[status ?? -1] ?? `exit code ${status}`
  return {
    row: [
      `${delayMs} ms, ${ratePerSec}/s, ${engine}`,
      String(run.settings.connections),
      String(run.measurement.connections.peak),
      perSec.toFixed(1),
      ...[p50Ms, trueP50Ms, p95Ms, trueP95Ms].map((ms) => ms.toFixed(2)),
      verdict,
    ],
    isRight:
      verdict === 'PASS' &&
      perSec >= ratePerSec * 0.99 - 0.5 &&
      Math.abs(p95Ms - trueP95Ms) <= Math.max(toleranceMs[engine], trueP95Ms * 0.01),
  }
}

async function measure(calibration: Calibration): Promise<readonly string[]> {
  const out = mkdtempSync(join(tmpdir(), 'forgebench-pool-'))
  const results: Awaited<ReturnType<typeof measureCell>>[] = []
  try {
    for (const cell of cells) {
      say(`pool: ${JSON.stringify(cell)}`)
      results.push(await measureCell(cell, calibration, out))
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
  const wrong = results.flatMap(({ row, isRight }) => (isRight ? [] : [row[0]]))
  return [
    '`forgebench load` with no option about connections, 2 s (at 20/s 10 s) after 1 s of warm-up, on a server (C, arrivals by kernel time stamps) that answers every request after the same time.\n' +
      'Response times of open and autocannon, service times of k6, beside what the server recorded over the whole run. «first» connections (k6: virtual users) were made before\n' +
      'the load, from a probe of the target; «peak» were open at once.',
    textTable(
      ['', 'first', 'peak', 'req/s', 'P50 (ms)', 'true', 'P95 (ms)', 'true', 'verdict'],
      results.map(({ row }) => row),
      ['verdict'],
    ),
    `no PASS, below the rate, or a P95 further than 1 % and 1 ms (autocannon 2 ms) from the truth: ${wrong.join('; ') || 'none'}`,
  ]
}

await publish(
  { name: 'pool', title: 'Slow answers and the pool of connections', tools: [k6], measure },
  values.out,
)
