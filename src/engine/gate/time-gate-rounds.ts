import type { RoundResult } from '../../measure/round-plan.ts'
import { gateSides, type GateRound, type GateSettings } from '../../run/gate/gate-run.ts'
import { decideGate, type GateDecision, type GateQuantile } from '../../stats/decide-gate.ts'
import { gateAnalyses } from '../../stats/interim-analyses.ts'
import { roundEvidence, type RoundEvidence } from '../../stats/round-evidence.ts'
import type { SampledRound } from '../../stats/sampled-slice.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import type { Emit } from '../experiment/event.ts'
import { gatePilots, gateSpending } from './gate-sampling.ts'
import { sideKey, type Medians } from '../experiment/plan-round.ts'
import type { StagedSide, StagedSides } from './stage-sides.ts'
import { timeRounds, type RoundSubject, type RunRound, type TakenRound } from '../experiment/time-rounds.ts'
import type { TimingCollector } from '../experiment/timings.ts'

/** What a gate's rounds are taken of, and where progress goes. */
export interface GateRounds {
  readonly scenario: string
  readonly sides: StagedSides
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly runRound: RunRound
}

/**
 * The rounds of a gate, each in a fresh process on fresh copies that are made and opened in an order of their own, until
 * `decideGate` has decided or the time is up. An operation that is decided is measured no further. What is finished is in
 * `collector` and `rounds` at once, so that a failure keeps it.
 * @throws InvalidMeasurementError when sides differ in rows, or acknowledged writes are missing after a round
 */
export async function timeGateRounds(
  { scenario, sides, emit, signal, runRound }: GateRounds,
  drawn: readonly DrawnOperation[],
  { rule, operationMs, orderSeed, maxSeconds }: GateSettings,
  found: { readonly collector: TimingCollector; readonly rounds: GateRound[] },
): Promise<void> {
  const subjects = sides.map(subjectOf)
  const sampling = { operationMs, quantile: rule.quantile }
  const operations = drawn.map(({ operation }) => ({ id: operation.id, rounds: [] as RoundEvidence[] }))
  await timeRounds(
    {
      scenario,
      subjects,
      seed: orderSeed,
      mostRounds: gateAnalyses(drawn.length, rule.budget).at(-1)?.rounds ?? 0,
      fewestRounds: 1,
      maxSeconds,
      pilots: gatePilots,
      spend: (open, medians) => gateSpending(open, slowerMedians(medians, operations), sampling),
      // Both sides alike: a side that was measured slower by chance must not have other numbers of samples than the other.
      cutBy: (medians) => slowerMedians(medians, operations),
      take: (taken) => {
        found.collector.add(taken.result)
        found.rounds.push(recordOf(taken))
        for (const { id, rounds } of operations) {
          const evidence = evidenceOf(taken.result, id, rule.quantile)
          if (evidence !== undefined) rounds.push(evidence)
        }
        return undecided(decideGate(operations, rule), drawn)
      },
      emit,
      signal,
      runRound,
    },
    drawn,
  )
}

/** The median of the slower side, for both sides of each operation. */
function slowerMedians(medians: Medians, operations: readonly { readonly id: string }[]): Medians {
  const sides = Object.values(gateSides)
  return new Map(
    operations.flatMap(({ id }) => {
      const known = sides.flatMap((side) => medians.get(sideKey(id, side)) ?? [])
      return known.length === 0 ? [] : sides.map((side) => [sideKey(id, side), Math.max(...known)] as const)
    }),
  )
}

const subjectOf = ({ variant, database }: StagedSide): RoundSubject => ({
  id: variant.id,
  driver: variant.driver,
  ...(database.kind === 'server'
    ? { server: { url: database.url, authTokenEnv: database.authTokenEnv } }
    : { path: database.stage.path }),
})

const recordOf = ({ result, first, seconds, contention }: TakenRound): GateRound => ({
  round: result.round,
  first: first === gateSides.baseline ? gateSides.baseline : gateSides.candidate,
  seconds: Math.round(seconds * 1000) / 1000,
  ...contention,
})

/** What a round says of an operation; undefined for one that it did not measure on both sides. */
function evidenceOf(result: RoundResult, id: string, quantile: GateQuantile): RoundEvidence | undefined {
  const side = (variant: string): SampledRound => ({
    round: result.round,
    slices: result.slices
      .filter((slice) => slice.operation === id && slice.variant === variant)
      .map(({ block, durationsNs }) => ({
        block,
        // As the Run stores them, so that its verdict is this one.
        sortedNs: Float64Array.from(durationsNs, (ns) => Math.max(Math.round(ns), 0)).sort(),
      })),
  })
  const [candidate, baseline] = [side(gateSides.candidate), side(gateSides.baseline)]
  return candidate.slices.length === 0 || baseline.slices.length === 0
    ? undefined
    : roundEvidence(candidate, baseline, quantile)
}

/** The operations to measure further: none once the gate is decided. */
function undecided(
  { status, operations }: GateDecision,
  drawn: readonly DrawnOperation[],
): readonly DrawnOperation[] {
  if (status !== 'undecided') return []
  const ids = new Set(operations.flatMap((each) => (each.status === 'undecided' ? [each.operation] : [])))
  return drawn.filter(({ operation }) => ids.has(operation.id))
}
