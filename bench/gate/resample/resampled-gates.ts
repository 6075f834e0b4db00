import type { GateRule } from '../../../src/stats/decide-gate.ts'
import { randomSequence, streamKey } from '../../../src/random/random.ts'
import { campaignSubject, type Condition, type SlowdownKind } from '../records/cells.ts'
import { tracedRounds, type TracedRound } from '../records/gate-trace.ts'
import { fixedRoles, tossedRoles } from './negative-controls.ts'
import { gatesWith, measuredConditions, tenPercent } from '../records/real-gates.ts'
import type { CampaignRecord, GateRecord } from '../records/records.ts'
import {
  asRecorded,
  drawFromAll,
  drawFromOneGate,
  mostRounds,
  simulateGates,
  slower,
  tossed,
  type Orient,
  type SimulatedGates,
} from './resample.ts'

/** By how much an operation is made slower, exactly. */
export const doses: readonly number[] = [0, 0.02, 0.05, 0.08, 0.1, 0.15]

/** The order effect that a gate without random roles is put before: as large as what it looks for. */
export const orderBias = 0.1

const { operations } = campaignSubject
const seed = 4

export interface DoseCell {
  readonly condition: Condition
  readonly dose: number
  readonly simulated: SimulatedGates
}

export interface ControlCell {
  readonly condition: Condition
  readonly tossed: SimulatedGates
  readonly fixed: SimulatedGates
  readonly permutedSlowdowns: SimulatedGates | null
}

export interface TailCell {
  readonly slowdown: SlowdownKind
  readonly recorded: number
  readonly simulated: SimulatedGates
}

export interface ResampledGates {
  /** Recorded rounds to draw from. */
  readonly pools: ReadonlyMap<Condition, readonly TracedRound[]>
  readonly fromAll: readonly DoseCell[]
  /** With all rounds of a simulated gate from one recorded gate; for doses 0 and 10 %. */
  readonly fromOneGate: readonly DoseCell[]
  readonly controls: readonly ControlCell[]
  readonly tails: readonly TailCell[]
}

/** Simulates `gates` gates a cell from the recorded rounds of real ones. The same records give the same result. */
export function resampledGates(
  records: readonly CampaignRecord[],
  gates: number,
  rule: GateRule,
): ResampledGates {
  const pools = new Map(
    measuredConditions(records).flatMap((condition) => {
      const pool = gatesWith(records, ['none'], condition).flatMap((gate) => tracedRounds(gate))
      return pool.length === 0 ? [] : [[condition, pool] as const]
    }),
  )
  const cells = (from: typeof drawFromAll, name: string, of: readonly number[]): readonly DoseCell[] =>
    [...pools].flatMap(([condition, pool]) =>
      of.map((dose) => {
        const simulated = doseCell({ pool, dose, gates, rule, from, key: `${name} ${condition} ${dose}` })
        return { condition, dose, simulated }
      }),
    )
  return {
    pools,
    fromAll: cells(drawFromAll, 'all', doses),
    fromOneGate: cells(drawFromOneGate, 'one gate', [0, 0.1]),
    controls: [...pools].map(([condition, pool]) =>
      controlCell(condition, pool, gatesWith(records, tenPercent, condition), gates, rule),
    ),
    tails: (['held-7', 'held-3', 'stall', 'delay-5'] as const).flatMap((slowdown) =>
      tailCell(slowdown, gatesWith(records, [slowdown]), gates, rule),
    ),
  }
}

interface Cell {
  readonly pool: readonly TracedRound[]
  readonly dose: number
  readonly gates: number
  readonly rule: GateRule
  readonly from: typeof drawFromAll
  readonly orient?: Orient
  readonly key: string
}

function doseCell({ pool, dose, gates, rule, from, orient = tossed, key }: Cell): SimulatedGates {
  const draw = from(pool, mostRounds(operations.length, rule), orient, randomSequence(streamKey(seed, key)))
  const slowed = (gate: number): number | null => (dose === 0 ? null : gate % operations.length)
  return simulateGates(gates, (gate) => slower(draw(), slowed(gate), dose), slowed, rule)
}

function controlCell(
  condition: Condition,
  pool: readonly TracedRound[],
  slowed: readonly GateRecord[],
  gates: number,
  rule: GateRule,
): ControlCell {
  const cell = { pool, dose: 0, gates, rule, from: drawFromAll }
  const slowedRounds = slowed.flatMap((gate) => tracedRounds(gate))
  return {
    condition,
    tossed: doseCell({ ...cell, orient: tossedRoles(orderBias), key: `tossed ${condition}` }),
    fixed: doseCell({ ...cell, orient: fixedRoles(orderBias), key: `fixed ${condition}` }),
    permutedSlowdowns:
      slowedRounds.length === 0
        ? null
        : doseCell({ ...cell, pool: slowedRounds, from: drawFromOneGate, key: `permuted ${condition}` }),
  }
}

/** Each recorded gate has its own slowdown: simulated gates draw from one of them, in equal numbers. */
function tailCell(
  slowdown: SlowdownKind,
  recorded: readonly GateRecord[],
  gates: number,
  rule: GateRule,
): readonly TailCell[] {
  const complete = recorded.filter((gate) => tracedRounds(gate).length > 0)
  if (complete.length === 0) return []
  const count = mostRounds(operations.length, rule)
  const draws = complete.map((gate) => {
    const random = randomSequence(streamKey(seed, slowdown, String(gate.index)))
    return drawFromAll(tracedRounds(gate), count, asRecorded, random)
  })
  const slowed = complete.map(({ operation }) => operations.findIndex((id) => id === operation))
  const simulated = simulateGates(
    gates,
    (gate) => draws[gate % draws.length]?.() ?? [],
    (gate) => slowed[gate % slowed.length] ?? null,
    rule,
  )
  return [{ slowdown, recorded: complete.length, simulated }]
}
