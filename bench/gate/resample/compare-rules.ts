import { campaignSubject } from '../records/cells.ts'
import {
  mannWhitney,
  meanWithT,
  pairedInOneProcess,
  ratioAbove,
  type CommonRule,
  type SideSlices,
} from './common-rules.ts'
import { roundsOfAll } from '../records/gate-trace.ts'
import type { GateRecord } from '../records/records.ts'

/** How a rule comes to its two sides. */
type Setting =
  /** The baseline is a number from another gate, at least half an hour earlier or later. */
  | 'stored'
  /** The candidate is measured in the process after the baseline's. */
  | 'sequential'
  /** Both are measured in turns. */
  | 'interleaved'

export interface RuleEntry {
  readonly title: string
  readonly setting: Setting
  /** Processes of each side whose slices it sees. */
  readonly processes: 1 | typeof roundsOfAll
  readonly rule: CommonRule
}

export const commonRules: readonly RuleEntry[] = [
  { title: 'stored P95, ratio > 1.10', setting: 'stored', processes: 1, rule: ratioAbove(1.1) },
  { title: 'stored P95, ratio > 1.10', setting: 'stored', processes: roundsOfAll, rule: ratioAbove(1.1) },
  { title: 'stored P95, ratio > 1.5', setting: 'stored', processes: 1, rule: ratioAbove(1.5) },
  { title: 'stored P95, ratio > 1.5', setting: 'stored', processes: roundsOfAll, rule: ratioAbove(1.5) },
  {
    title: 'same job, one after the other, ratio > 1.10',
    setting: 'sequential',
    processes: 1,
    rule: ratioAbove(1.1),
  },
  {
    title: 'same job, one after the other, Mann-Whitney p < 0.05',
    setting: 'sequential',
    processes: 1,
    rule: mannWhitney,
  },
  {
    title: 'in turns, means with a t interval, looking on',
    setting: 'interleaved',
    processes: roundsOfAll,
    rule: meanWithT,
  },
  {
    title: 'in turns, signed ranks of pairs, 99 %',
    setting: 'interleaved',
    processes: 1,
    rule: pairedInOneProcess,
  },
]

/** What a rule said of recorded gates of equal sides. */
export interface RuleRates {
  /** Times that the rule was asked about a gate. */
  readonly gates: number
  /** Of those, the gates of which some operation was called slower. */
  readonly falseGates: number
  readonly operations: number
  readonly falseOperations: number
  /** Operations that were called slower after the candidate's times were multiplied by 1.1. */
  readonly found: number
}

type OperationSides = readonly [baseline: SideSlices, candidate: SideSlices]

/** Asks a rule about gates of equal sides, as they are and with every operation in turn exactly 10 % slower. */
export function askRule({ setting, processes, rule }: RuleEntry, gates: readonly GateRecord[]): RuleRates {
  const rates = { gates: 0, falseGates: 0, operations: 0, falseOperations: 0, found: 0 }
  for (const operations of comparisons(
    setting,
    processes,
    gates.filter(({ status }) => status !== 'error'),
  )) {
    const red = operations.filter(([baseline, candidate]) => rule(baseline, candidate))
    rates.gates++
    rates.falseGates += red.length > 0 ? 1 : 0
    rates.operations += operations.length
    rates.falseOperations += red.length
    rates.found += operations.filter(([baseline, candidate]) =>
      rule(baseline, tenPercentSlower(candidate)),
    ).length
  }
  return rates
}

const tenPercentSlower = ({ p95, mean }: SideSlices): SideSlices => ({
  p95: p95.map((value) => value * 1.1),
  mean: mean.map((value) => value * 1.1),
})

const leastGapMs = 30 * 60_000

/** Every comparison that the gates allow, with its operations. */
function* comparisons(
  setting: Setting,
  processes: number,
  gates: readonly GateRecord[],
): Generator<readonly OperationSides[]> {
  const sides = gates.map((gate) => ({ startMs: Date.parse(gate.startedAt), slices: slicesByRound(gate) }))
  const spans =
    processes === 1 ? Array.from({ length: roundsOfAll }, (_, i) => [i]) : [[...Array(processes).keys()]]
  for (const [index, { startMs, slices }] of sides.entries()) {
    const others =
      setting === 'stored'
        ? sides.filter((other, place) => place !== index && Math.abs(other.startMs - startMs) >= leastGapMs)
        : [{ startMs, slices }]
    for (const other of others) {
      for (const span of spans) {
        const later = setting === 'sequential' ? span.map((round) => round + 1) : span
        if (later.some((round) => round >= roundsOfAll)) continue
        yield slices.map(({ candidate }, operation) => [
          joined(span.map((round) => other.slices[operation]?.baseline[round])),
          joined(later.map((round) => candidate[round])),
        ])
      }
    }
  }
}

interface SidesByRound {
  readonly baseline: readonly SideSlices[]
  readonly candidate: readonly SideSlices[]
}

function slicesByRound({ slices }: GateRecord): readonly SidesByRound[] {
  return campaignSubject.operations.map((operation) => {
    const columns = slices[operation]
    const side = (index: 0 | 1): readonly SideSlices[] =>
      Array.from({ length: roundsOfAll }, (_, round) => {
        const ofRound = (values: readonly number[] | undefined): readonly number[] =>
          (values ?? []).filter((_, place) => columns?.round[place] === round + 1)
        return { p95: ofRound(columns?.p95[index]), mean: ofRound(columns?.mean[index]) }
      })
    return { baseline: side(0), candidate: side(1) }
  })
}

const joined = (slices: readonly (SideSlices | undefined)[]): SideSlices => ({
  p95: slices.flatMap((each) => each?.p95 ?? []),
  mean: slices.flatMap((each) => each?.mean ?? []),
})
