import type { gateSides } from '../../../src/run/gate-run.ts'
import type { RoundEvidence } from '../../../src/stats/round-evidence.ts'
import { campaignSubject, type PlantKind } from './cells.ts'
import type { Condition } from '../campaign/condition.ts'
import { effectsOf, roundsOfAll, tracedRounds } from './gate-trace.ts'
import { gatesWith, measuredConditions } from './real-gates.ts'
import type { CampaignRecord, EffectQuantity, GateRecord } from './records.ts'

/** A few recorded rounds, small enough to be tested with on every run. */
export interface RoundsFixture {
  readonly about: string
  readonly rounds: readonly FixtureRound[]
  /** Of gates with a plant in the slowest samples, or with stalls. */
  readonly plants: readonly FixturePlant[]
}

export interface FixtureRound {
  readonly condition: Condition
  readonly gate: number
  readonly first: keyof typeof gateSides
  /** By operation. */
  readonly operations: readonly RoundEvidence[]
  /** ln ratios of P95 without levelling, by operation. */
  readonly pooled: readonly number[]
}

export interface FixturePlant {
  readonly gate: number
  readonly plant: PlantKind
  /** Of the operation with the plant, by round. */
  readonly rounds: readonly RoundEvidence[]
  /** ln ratios of its median. */
  readonly p50: readonly number[]
}

const gatesPerCondition = 8
const planted: readonly PlantKind[] = ['held-7', 'stall']

/** The first gates of equal sides of each condition, and gates with plants, as JSON. */
export function roundsFixture(records: readonly CampaignRecord[]): string {
  const rounds = measuredConditions(records).flatMap((condition) =>
    gatesWith(records, ['none'], condition)
      .filter((gate) => gate.rounds.length >= roundsOfAll)
      .slice(0, gatesPerCondition)
      .flatMap((gate) => fixtureRounds(gate, condition)),
  )
  const plants = gatesWith(records, planted).flatMap((gate) => fixturePlant(gate))
  const about = 'made by npm run validate:gate -- --fixture <file>'
  const lines = (values: readonly unknown[]): string =>
    `[\n${values.map((value) => JSON.stringify(value, shortened)).join(',\n')}\n]`
  return `{"about":${JSON.stringify(about)},"rounds":${lines(rounds)},"plants":${lines(plants)}}\n`
}

const shortened = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 1e5) / 1e5 : value

function fixtureRounds(gate: GateRecord, condition: Condition): readonly FixtureRound[] {
  const pooled = campaignSubject.operations.map((id) => effectsOf(gate, id, 'pooled'))
  return tracedRounds(gate).map(({ gate: index, first, operations }) => ({
    condition,
    gate: index,
    first,
    operations,
    pooled: pooled.map((effects) => effects.get(operations[0]?.round ?? 0) ?? 0),
  }))
}

function fixturePlant(gate: GateRecord): readonly FixturePlant[] {
  const place = campaignSubject.operations.findIndex((id) => id === gate.operation)
  const rounds = tracedRounds(gate).flatMap(({ operations }) => operations[place] ?? [])
  const effects = effectsOf(gate, gate.operation ?? '', 'p50' satisfies EffectQuantity)
  const p50 = rounds.map(({ round }) => effects.get(round) ?? 0)
  return rounds.length < roundsOfAll ? [] : [{ gate: gate.index, plant: gate.plant, rounds, p50 }]
}
