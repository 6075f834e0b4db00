import { quantile, sortNumbers } from '../../src/stats/quantile.ts'
import { judgeClaims } from '../../src/judge/claims/claims.ts'
import { compareTimings } from '../../src/judge/compare-timings.ts'
import type { Run } from '../../src/run/run.ts'
import { sampledRounds } from '../../src/run/timed-rounds.ts'
import type { Quantity } from '../../src/stats/levelled-round.ts'
import { sideLevel, type OverRounds } from '../../src/stats/over-rounds.ts'
import { markdownTable } from '../text/markdown-table.ts'

/** What one default run said of its claims. */
export interface VerdictRecord {
  readonly startedAt: string
  readonly seconds: number
  readonly machine: string
  readonly verdicts: Readonly<Record<string, string>>
}

/** Every interval of one run, by what it is of. */
export interface IntervalRecord {
  readonly sliceMs: number
  readonly seconds: number
  readonly machine: string
  readonly intervals: Readonly<Record<string, readonly [low: number, high: number]>>
}

const machineOf = ({ environment: { cpus, cpuModel, node } }: Run): string =>
  `${cpus} × ${cpuModel}, Node ${node}`

export const verdictRecord = (run: Run, seconds: number): VerdictRecord => ({
  startedAt: run.startedAt,
  seconds,
  machine: machineOf(run),
  verdicts: Object.fromEntries(judgeClaims(run).map(({ claim, status }) => [claim.id, status])),
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
  }
  for (const { operation, variant, versus, p50, p95 } of compareTimings(run)) {
    note(`p50 ratio ${operation}, ${variant} to ${versus}`, p50.ratio)
    note(`p95 ratio ${operation}, ${variant} to ${versus}`, p95.ratio)
  }
  return { sliceMs, seconds, machine: machineOf(run), intervals }
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
 * Pairs of runs with other lengths of slices: how many of their intervals do not meet, as they are and with the speed that
 * all operations share taken off, for machines change theirs between two runs. Two runs of one length are the control.
 */
export function sliceTable(records: readonly IntervalRecord[]): string {
  const inOrder = records.toSorted((a, b) => a.sliceMs - b.sliceMs)
  const pairs = inOrder.flatMap((one, index) => inOrder.slice(index + 1).map((other) => compare(one, other)))
  const isFirst = (run: IntervalRecord): boolean =>
    run === records.find(({ sliceMs }) => sliceMs === run.sliceMs)
  const isControl = ({ one, other }: ComparedRuns): boolean => one.sliceMs === other.sliceMs
  return [
    markdownTable(
      [
        'slices of',
        'against',
        'compared',
        'disjoint',
        'of them ratios',
        'all P50',
        'speed taken off',
        'which',
      ],
      pairs.map((pair) => [
        `${pair.one.sliceMs} ms`,
        `${pair.other.sliceMs} ms${isControl(pair) ? ' (control)' : ''}`,
        String(pair.names.length),
        shareText(pair.disjoint.length, pair.names.length),
        String(pair.disjoint.filter(isRatio).length),
        percentText(pair.speed),
        shareText(pair.disjointAtOneSpeed.length, pair.names.length),
        pair.disjoint.slice(0, 4).join('; ') + (pair.disjoint.length > 4 ? '; …' : ''),
      ]),
    ),
    '',
    [
      together(
        'Other lengths, one run each',
        pairs.filter((pair) => !isControl(pair) && isFirst(pair.one) && isFirst(pair.other)),
      ),
      together(
        'With the control run',
        pairs.filter((pair) => !isControl(pair)),
      ),
      together('The control', pairs.filter(isControl)),
    ].join(' '),
  ].join('\n')
}

interface ComparedRuns {
  readonly one: IntervalRecord
  readonly other: IntervalRecord
  readonly names: readonly string[]
  /** How many times slower the first run was, in the median over operations and variants. */
  readonly speed: number
  readonly disjoint: readonly string[]
  /** With the levels of the other run multiplied by `speed`. */
  readonly disjointAtOneSpeed: readonly string[]
}

function compare(one: IntervalRecord, other: IntervalRecord): ComparedRuns {
  const names = Object.keys(one.intervals).filter((name) => other.intervals[name] !== undefined)
  const speed = speedRatio(one, other, names)
  const disjointAt = (factor: number): readonly string[] =>
    names.filter((name) => {
      const [[low, high] = [0, 0], [otherLow, otherHigh] = [0, 0]] = [
        one.intervals[name],
        other.intervals[name],
      ]
      const scale = isRatio(name) ? 1 : factor
      return high < otherLow * scale || otherHigh * scale < low
    })
  return { one, other, names, speed, disjoint: disjointAt(1), disjointAtOneSpeed: disjointAt(speed) }
}

const isRatio = (name: string): boolean => /^p\d+ ratio /.test(name)

function speedRatio(one: IntervalRecord, other: IntervalRecord, names: readonly string[]): number {
  const logs = names.flatMap((name) => {
    const [a, b] = [one.intervals[name], other.intervals[name]]
    const isLevel = name.startsWith('p50 ') && !isRatio(name)
    return isLevel && a !== undefined && b !== undefined ? [Math.log((a[0] * a[1]) / (b[0] * b[1])) / 2] : []
  })
  return logs.length === 0 ? 1 : Math.exp(quantile(sortNumbers(logs), 0.5))
}

function together(title: string, pairs: readonly ComparedRuns[]): string {
  const sum = (count: (pair: ComparedRuns) => number): number =>
    pairs.reduce((all, pair) => all + count(pair), 0)
  const compared = sum(({ names }) => names.length)
  const ratios = sum(({ names }) => names.filter(isRatio).length)
  const disjointRatios = sum(({ disjoint }) => disjoint.filter(isRatio).length)
  return [
    `${title}: ${shareText(
      sum(({ disjoint }) => disjoint.length),
      compared,
    )} of ${compared} are disjoint,`,
    `of ratios ${shareText(disjointRatios, ratios)} of ${ratios};`,
    `with the shared speed taken off ${shareText(
      sum((pair) => pair.disjointAtOneSpeed.length),
      compared,
    )}.`,
  ].join(' ')
}

const shareText = (count: number, of: number): string =>
  `${count} (${((100 * count) / Math.max(of, 1)).toFixed(1)} %)`

function percentText(factor: number): string {
  const percent = (factor - 1) * 100
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`
}
