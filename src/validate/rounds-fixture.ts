import type { gateSides } from '../run/gate-run.ts'
import { campaignSubject } from './cells.ts'
import type { Condition } from './condition.ts'
import { roundsOfAll } from './gate-trace.ts'
import { gatesWith, measuredConditions } from './real-gates.ts'
import type { CampaignRecord, GateRecord, PairQuantity } from './records.ts'

/** A few recorded rounds, small enough to be tested with on every run. */
export interface RoundsFixture {
  readonly about: string
  readonly rounds: readonly FixtureRound[]
  /** Of gates whose candidate has its slowest 7 % of samples half as long again. */
  readonly slowTails: readonly FixtureTail[]
}

export interface FixtureRound {
  readonly condition: Condition
  readonly gate: number
  readonly first: keyof typeof gateSides
  /** ln(P95 of candidate / baseline) of every pair, in ten-thousandths, by operation. */
  readonly pairs: readonly (readonly number[])[]
}

export interface FixtureTail {
  readonly gate: number
  /** Place of the operation with the plant. */
  readonly operation: number
  /** As `pairs`, by round, of the operation with the plant. */
  readonly p95: readonly (readonly number[])[]
  readonly p50: readonly (readonly number[])[]
}

const gatesPerCondition = 8

/** The first gates of equal sides of each condition, and the gates with slow tails, as JSON. */
export function roundsFixture(records: readonly CampaignRecord[]): string {
  const fixture: RoundsFixture = {
    about: 'made by npm run validate:gate -- --fixture <file>; ln ratios of pairs in ten-thousandths',
    rounds: measuredConditions(records).flatMap((condition) =>
      gatesWith(records, ['none'], condition)
        .filter((gate) => gate.rounds.length >= roundsOfAll)
        .slice(0, gatesPerCondition)
        .flatMap((gate) => fixtureRounds(gate, condition)),
    ),
    slowTails: gatesWith(records, ['held-7', 'slow-7', 'tail-7']).map((gate) => ({
      gate: gate.index,
      operation: campaignSubject.operations.findIndex((id) => id === gate.operation),
      p95: roundNumbers.map((round) => logRatios(gate, gate.operation ?? '', round, 'p95')),
      p50: roundNumbers.map((round) => logRatios(gate, gate.operation ?? '', round, 'p50')),
    })),
  }
  const { rounds, slowTails, about } = fixture
  const lines = (values: readonly unknown[]): string =>
    `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]`
  return `{"about":${JSON.stringify(about)},"rounds":${lines(rounds)},"slowTails":${lines(slowTails)}}\n`
}

const roundNumbers = Array.from({ length: roundsOfAll }, (_, place) => place + 1)

const fixtureRounds = (gate: GateRecord, condition: Condition): readonly FixtureRound[] =>
  gate.rounds.slice(0, roundsOfAll).map(({ round, first }) => ({
    condition,
    gate: gate.index,
    first,
    pairs: campaignSubject.operations.map((operation) => logRatios(gate, operation, round, 'p95')),
  }))

function logRatios(
  { pairs }: GateRecord,
  operation: string,
  round: number,
  quantity: PairQuantity,
): readonly number[] {
  const columns = pairs[operation]
  const [baseline = [], candidate = []] = columns?.[quantity] ?? []
  return candidate.flatMap((value, place) =>
    columns?.round[place] === round ? [Math.round(Math.log(value / (baseline[place] ?? value)) * 1e4)] : [],
  )
}
