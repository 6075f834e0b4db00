import { quantile, sortNumbers } from '../../src/stats/quantile.ts'
import { judgeClaims } from '../../src/judge/claims/claims.ts'
import { compareScenario } from '../../src/run/compare-timings.ts'
import type { Run } from '../../src/run/run.ts'
import { sampledRounds } from '../../src/run/timed-rounds.ts'
import type { Quantity } from '../../src/stats/levelled-round.ts'
import { sideLevel, type OverRounds } from '../../src/stats/over-rounds.ts'
import { markdownTable } from '../text/markdown-table.ts'

/** What one default run said of its claims. */
export interface VerdictRecord {
  readonly id: string
  readonly startedAt: string
  readonly seconds: number
  readonly machine: string
  readonly verdicts: Readonly<Record<string, string>>
}

/** Every interval of one run, by what it is of. */
export interface IntervalRecord {
  readonly id: string
  readonly sliceMs: number
  readonly seconds: number
  readonly machine: string
  readonly intervals: Readonly<Record<string, readonly [low: number, high: number]>>
}

const machineOf = ({ environment: { cpus, cpuModel, node } }: Run): string =>
  `${cpus} × ${cpuModel}, Node ${node}`

export const verdictRecord = (run: Run, seconds: number): VerdictRecord => ({
  id: run.id,
  startedAt: run.startedAt,
  seconds,
  machine: machineOf(run),
  verdicts: Object.fromEntries(judgeClaims(run).map(({ claim, word }) => [claim.id, word])),
})

const quantities = ['p50', 'p95'] as const satisfies readonly Quantity[]

/** The intervals of all levels and ratios that the run shows: P50 and P95 of every operation on every variant. */
export function intervalRecord(run: Run, seconds: number): IntervalRecord {
  const { confidence, sliceMs } = run.settings
  const intervals: Record<string, readonly [number, number]> = {}
  const note = (name: string, found: OverRounds): void => {
    if (found.state === 'measured') intervals[name] = [found.interval.low, found.interval.high]
  }
  for (const scenario of run.scenarios) {
    for (const timing of scenario.timings) {
      for (const quantity of quantities) {
        const name = `${quantity} ${timing.operation} on ${timing.variant}`
        note(name, sideLevel(sampledRounds(timing), quantity, confidence))
      }
    }
    for (const { operation, variant, versus, p50, p95 } of compareScenario(scenario, confidence)) {
      note(`p50 ratio ${operation}, ${variant} to ${versus}`, p50.ratio)
      note(`p95 ratio ${operation}, ${variant} to ${versus}`, p95.ratio)
    }
  }
  return { id: run.id, sliceMs, seconds, machine: machineOf(run), intervals }
}

/** The claims as rows, the runs as columns; what was decided in two ways is named below. */
export function verdictTable(records: readonly VerdictRecord[]): string {
  const claims = [...new Set(records.flatMap(({ verdicts }) => Object.keys(verdicts)))]
  const wordsOf = (claim: string): readonly string[] => records.map(({ verdicts }) => verdicts[claim] ?? '–')
  const isDecided = (word: string): boolean => word !== 'inconclusive' && word !== '–'
  const torn = claims.filter((claim) => new Set(wordsOf(claim).filter(isDecided)).size > 1)
  const all = claims.flatMap(wordsOf)
  const inconclusive = all.filter((word) => word === 'inconclusive').length
  const slowest = Math.max(...records.map(({ seconds }) => seconds))
  return [
    markdownTable(
      ['claim', ...records.map((_, index) => `run ${index + 1}`)],
      [
        ...claims.map((claim) => [claim, ...wordsOf(claim)]),
        ['seconds', ...records.map(({ seconds }) => seconds.toFixed(0))],
      ],
    ),
    '',
    `Decided in two ways: ${torn.length === 0 ? 'none' : torn.join(', ')}. Inconclusive: ${inconclusive} of ${all.length}. Longest: ${slowest.toFixed(0)} s.`,
  ].join('\n')
}

/**
 * Pairs of runs with other lengths of slices: how many of their intervals do not meet, and how much slower the
 * first was as a whole.
 */
export function sliceTable(records: readonly IntervalRecord[]): string {
  const byLength = records.toSorted((a, b) => a.sliceMs - b.sliceMs)
  const pairs = byLength.flatMap((one, index) => byLength.slice(index + 1).map((other) => ({ one, other })))
  const compared = pairs.map(({ one, other }) => {
    const names = Object.keys(one.intervals).filter((name) => other.intervals[name] !== undefined)
    const apart = names.filter((name) => isDisjoint(one.intervals[name], other.intervals[name]))
    return { one, other, names, apart }
  })
  const total = compared.reduce((sum, { names }) => sum + names.length, 0)
  const disjoint = compared.reduce((sum, { apart }) => sum + apart.length, 0)
  const share = (apart: number, of: number): string => `${((100 * apart) / Math.max(of, 1)).toFixed(1)} %`
  return [
    markdownTable(
      ['slices of', 'against', 'intervals compared', 'disjoint', 'share', 'all P50', 'which'],
      compared.map(({ one, other, names, apart }) => [
        `${one.sliceMs} ms`,
        `${other.sliceMs} ms`,
        String(names.length),
        String(apart.length),
        share(apart.length, names.length),
        speedText(one, other, names),
        apart.slice(0, 4).join('; ') + (apart.length > 4 ? '; …' : ''),
      ]),
    ),
    '',
    `Together ${disjoint} of ${total} are disjoint: ${share(disjoint, total)}.`,
  ].join('\n')
}

/** How much slower the first run was, in the median over operations and variants: what the machine does to all alike shows here. */
function speedText(one: IntervalRecord, other: IntervalRecord, names: readonly string[]): string {
  const logs = names.flatMap((name) => {
    const [a, b] = [one.intervals[name], other.intervals[name]]
    const isLevel = name.startsWith('p50 ') && !name.startsWith('p50 ratio')
    return isLevel && a !== undefined && b !== undefined ? [Math.log((a[0] * a[1]) / (b[0] * b[1])) / 2] : []
  })
  if (logs.length === 0) return '–'
  const percent = (Math.exp(quantile(sortNumbers(logs), 0.5)) - 1) * 100
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`
}

type Ends = readonly [low: number, high: number] | undefined

const isDisjoint = (one: Ends, other: Ends): boolean =>
  one !== undefined && other !== undefined && (one[1] < other[0] || other[1] < one[0])
