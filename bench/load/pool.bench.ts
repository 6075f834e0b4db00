/**
 * Every engine without an option about connections, on servers that answer slowly, at low and high rates. Usage:
 * `npm run bench:load:pool -- [--out reports/load] [--cells 15] [--fresh]`
 * Cells that were measured are kept, so that `--cells` of them can be measured at a time; `--fresh` forgets them.
 */
import { mkdtemp, readFile, rm, appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { publish, versionsOf, type Goal } from './bench-report.ts'
import { startCCalibration } from './calibration/c-calibration.ts'
import { startCalibration } from './calibration/calibration-process.ts'
import { watchOtherWork } from './other-work.ts'
import { measureCell, poolCells, type PoolCell, type PoolResult } from './pool-cells.ts'
import { say } from './progress.ts'
import { k6 } from './rivals/k6.ts'
import { textTable } from '../text/text-table.ts'

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '1000' },
    out: { type: 'string' },
    fresh: { type: 'boolean', default: false },
  },
})
const kept = join(tmpdir(), `forgebench-pool-${process.getuid?.() ?? 0}.jsonl`)
if (values.fresh) await rm(kept, { force: true })
const results = (await readFile(kept, 'utf8').catch(() => ''))
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as PoolResult)
const keyOf = ({ engine, delayMs, ratePerSec }: PoolCell): string => `${engine} ${delayMs} ${ratePerSec}`
const known = new Set(results.map(keyOf))
const due = poolCells.filter((cell) => !known.has(keyOf(cell))).slice(0, Number(values.cells))

const otherWork = watchOtherWork()
const calibration = (await startCCalibration()) ?? (await startCalibration())
const out = await mkdtemp(join(tmpdir(), 'forgebench-pool-'))
try {
  for (const cell of due) {
    say(`pool: ${keyOf(cell)}`)
    const result = await measureCell(cell, calibration, out)
    results.push(result)
    await appendFile(kept, `${JSON.stringify(result)}\n`)
  }
} finally {
  await calibration.stop()
  await rm(out, { recursive: true, force: true })
}

const order = poolCells.map(keyOf)
const rows = results
  .toSorted((a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b)))
  .map((r) => [
    `${r.delayMs} ms, ${r.ratePerSec}/s, ${r.engine}`,
    String(r.connections),
    String(r.peak),
    r.achievedPerSec.toFixed(1),
    ...[r.p50Ms, r.trueP50Ms, r.p95Ms, r.trueP95Ms].map((ms) => ms.toFixed(2)),
    r.verdict,
  ])
/** autocannon spreads its sends by timers, which fire up to a millisecond late; its answers are timed from when they were due. */
const toleranceMs = { open: 1, autocannon: 2, k6: 1 } as const
const isRight = (r: PoolResult): boolean =>
  r.verdict === 'PASS' &&
  r.achievedPerSec >= r.ratePerSec * 0.99 - 0.5 &&
  Math.abs(r.p95Ms - r.trueP95Ms) <= Math.max(toleranceMs[r.engine], r.trueP95Ms * 0.01)
const wrong = results.filter((r) => !isRight(r))
await publish(
  {
    name: 'pool',
    title: 'Slow answers and the pool of connections',
    command: 'npm run bench:load:pool',
    otherWork: otherWork(),
    versions: versionsOf([k6]),
    sections: [
      `\`forgebench load\` with no option about connections, 2 s (at 20/s 10 s) after 1 s of warm-up, on a server (${calibration.name}) that answers every request after the same time.\n` +
        'Response times of open and autocannon, service times of k6, beside what the server recorded over the whole run. «first» connections (k6: virtual users) were made before\n' +
        'the load, from a probe of the target; «peak» were open at once.',
      textTable(['', 'first', 'peak', 'req/s', 'P50 (ms)', 'true', 'P95 (ms)', 'true', 'verdict'], rows, [
        'verdict',
      ]),
      ...(wrong.length === 0 ? [] : [`not right: ${wrong.map(keyOf).join(', ')}`]),
    ],
    goals: (['open', 'autocannon', 'k6'] as const).map((engine) => goalOf(engine)),
  },
  values.out,
)

function goalOf(engine: PoolCell['engine']): Goal {
  const of = <T extends PoolCell>(cells: readonly T[]): readonly T[] =>
    cells.filter((cell) => cell.engine === engine)
  const [measured, missed, all] = [of(results).length, of(wrong).length, of(poolCells).length]
  return {
    promise: `${engine}: all ${all} cells pass, reach their rate, and their P95 is within 1 % or ${toleranceMs[engine]} ms of the truth`,
    measured: `${measured - missed} of ${measured} measured`,
    met: measured === all ? missed === 0 : null,
  }
}
