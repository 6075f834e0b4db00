import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { decodeLatencies, latencyQuantileNs } from '../../src/stats/latency-counts.ts'
import { latenciesOf, loadSamples } from '../../src/run/load-samples.ts'
import type { LoadRun } from '../../src/run/load-run.ts'
import { parseRun } from '../../src/run/read.ts'
import type { CalibrationProcess } from './calibration/calibration-process.ts'

/** One engine on one server: answers after `delayMs`, asked `ratePerSec` times a second. */
export interface PoolCell {
  readonly engine: 'open' | 'autocannon' | 'k6'
  readonly delayMs: number
  readonly ratePerSec: number
}

/** What `forgebench load` said without an option about connections, and what the server saw. */
export interface PoolResult extends PoolCell {
  readonly connections: number
  readonly peak: number
  /** Requests of the measured phase a second. */
  readonly achievedPerSec: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly trueP50Ms: number
  readonly trueP95Ms: number
  /** By its exit code. */
  readonly verdict: string
}

const engines = ['open', 'autocannon', 'k6'] as const

export const poolCells: readonly PoolCell[] = [5, 50, 300, 1000, 3000].flatMap((delayMs) =>
  [20, 200, 2000].flatMap((ratePerSec) => engines.map((engine) => ({ engine, delayMs, ratePerSec }))),
)

const warmUpSeconds = 1
/** A P95 is judged on some 200 requests, however low the rate. */
const secondsMeasured = (ratePerSec: number): number => Math.max(2, Math.ceil(200 / ratePerSec))
const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** @throws Error when the command wrote no Run */
export async function measureCell(
  cell: PoolCell,
  calibration: CalibrationProcess,
  out: string,
): Promise<PoolResult> {
  const { engine, delayMs, ratePerSec } = cell
  await calibration.behave({ kind: 'fixed', delayMs })
  const threshold = `http_req_duration=p(95)<${delayMs * 1.5 + 20}`
  const flags =
    `--engine ${engine} --rate ${ratePerSec} --duration ${warmUpSeconds + secondsMeasured(ratePerSec)} --connect-rate 4000 --no-floor --json`.split(
      ' ',
    )
  const profile = path('fixtures/load/steady-get.ts')
  const place = ['--url', calibration.url, '--profile', profile, '--out', out, '--threshold', threshold]
  const args = ['load', ...flags, ...place]
  const child = spawn(process.execPath, [path('dist/cli.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (!stdout.startsWith('{')) throw new Error(`${engine} wrote no Run: ${stderr.slice(-500)}`)
  return resultOf(
    cell,
    parseRun(stdout, engine) as LoadRun,
    (await calibration.truth()).answers,
    exitCode as number,
  )
}

const verdicts: Readonly<Record<number, string>> = { 0: 'PASS', 1: 'FAIL', 3: 'INCONCLUSIVE', 4: 'INVALID' }

function resultOf(cell: PoolCell, run: LoadRun, truth: string, exitCode: number): PoolResult {
  const measured = loadSamples(run).filter(({ isMeasured }) => isMeasured)
  const kind = cell.engine === 'k6' ? 'service' : 'response'
  const says = latenciesOf(measured, kind, 'recorded')
  const known = decodeLatencies(truth)
  return {
    ...cell,
    connections: run.settings.connections,
    peak: run.measurement.connections.peak,
    achievedPerSec: says.samples / secondsMeasured(cell.ratePerSec),
    p50Ms: latencyQuantileNs(says, 0.5) / 1e6,
    p95Ms: latencyQuantileNs(says, 0.95) / 1e6,
    trueP50Ms: latencyQuantileNs(known, 0.5) / 1e6,
    trueP95Ms: latencyQuantileNs(known, 0.95) / 1e6,
    verdict: verdicts[exitCode] ?? `exit code ${exitCode}`,
  }
}
