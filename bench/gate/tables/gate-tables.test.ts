import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { roundOrder } from '../../../src/engine/experiment/plan-round.ts'
import { randomSequence } from '../../../src/random/random.ts'
import { decideGate } from '../../../src/stats/decide-gate.ts'
import { campaignSubject, conditions, slowdownKinds } from '../records/cells.ts'
import { askRule, commonRules } from '../resample/compare-rules.ts'
import { doseCurve } from '../resample/dose-curve.ts'
import { gateTables } from './gate-tables.ts'
import { recordedOperations } from '../records/gate-trace.ts'
import { collapsed, distanceFromUniform, permutationShares, replayed } from '../resample/negative-controls.ts'
import { proof } from './proof.ts'
import { gatesOf, gatesWith, slowdownEffect } from '../records/real-gates.ts'
import { realGatesSection } from './real-gates-section.ts'
import { readRecords } from '../records/record-files.ts'
import type { CampaignRecord, GateRecord, RecordedRounds, SliceColumns } from '../records/records.ts'
import { shifted } from '../resample/resample.ts'
import { resampledGates } from '../resample/resampled-gates.ts'

const { rule } = gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 })

/** Every second gate is of equal sides; the others go through the slowdowns, and all through conditions and operations. */
function cellAt(
  index: number,
): Pick<GateRecord, 'index' | 'condition' | 'slowdown' | 'operation' | 'orderSeed'> {
  const [, ...slowdowns] = slowdownKinds
  const slowed = Math.floor(index / 2)
  const { operations } = campaignSubject
  return {
    index,
    condition: conditions[slowed % conditions.length] ?? 'idle',
    slowdown: index % 2 === 0 ? 'none' : (slowdowns[slowed % slowdowns.length] ?? 'none'),
    operation: index % 2 === 0 ? null : (operations[Math.floor(slowed / 3) % operations.length] ?? null),
    orderSeed: 1000 + index,
  }
}

/** A gate of ten rounds of five slices: as slow as its cell says, with a little noise, decided as it is. */
function gate(index: number): GateRecord {
  const cell = cellAt(index)
  const random = randomSequence(index)
  const numbers = Array.from({ length: 10 }, (_, place) => place + 1)
  const round = numbers.flatMap((each) => Array<number>(5).fill(each))
  const columns = (ratio: number): SliceColumns => {
    const level = 1000 + 200 * random()
    const side = (factor: number) => round.map(() => Math.round(level * factor * (0.98 + 0.04 * random())))
    const both = () => [side(1), side(ratio)] as const
    return { round, p95: both(), mean: both() }
  }
  const ratioOf = (operation: string): number => {
    if (operation !== cell.operation) return 1
    const ratios = { none: 1, stall: 1, 'held-3': 1, 'delay-5': 1.05, 'held-7': 1.3, delay: 1.1, sql: 1.1 }
    return ratios[cell.slowdown]
  }
  const recorded = (operation: string): RecordedRounds => {
    const stalls = cell.slowdown === 'stall' && operation === cell.operation ? 2 : 0
    const evidence = numbers.map((each) => ({
      round: each,
      effect: Math.log(ratioOf(operation)) + 0.02 * (random() - 0.5),
      samples: { baseline: 1000, candidate: 1000 },
      slow: { pairs: 25, baseline: 0, candidate: stalls },
    }))
    const effects = evidence.map(({ effect }) => effect)
    return { evidence, effects: { p50: effects, mean: effects } }
  }
  const of = <T>(value: (id: string) => T) =>
    Object.fromEntries(campaignSubject.operations.map((id) => [id, value(id)]))
  const contention = { loadAverage: 1, busyShare: 0.5, stolenShare: 0, cpuPressureShare: 0.1 }
  const record: GateRecord = {
    ...cell,
    kind: 'gate',
    startedAt: new Date(Date.UTC(2026, 0, 1) + index * 1_200_000).toISOString(),
    settings: 'abc',
    machine: 'a machine',
    seconds: 30 + index,
    status: 'pass',
    operations: [],
    rounds: numbers.map((each) => {
      const first = roundOrder([0, 1], cell.orderSeed, each)[0] === 0 ? 'baseline' : 'candidate'
      return { round: each, first, seconds: 4, ...contention }
    }),
    evidence: of(recorded),
    slices: of((id) => columns(ratioOf(id))),
  }
  const { status, operations } = decideGate(recordedOperations(record), rule)
  return {
    ...record,
    status: status === 'undecided' ? 'inconclusive' : status,
    operations: operations.map((each) => ({
      id: each.operation,
      status: each.status === 'undecided' ? 'inconclusive' : each.status,
    })),
  }
}

const records: readonly CampaignRecord[] = Array.from({ length: 84 }, (_, index) => gate(index))
const equal = gatesWith(records, ['none'])
const resampled = resampledGates(records, 30, rule)
const tables = gateTables(records, resampled, rule)

describe('the tables of the validation', () => {
  test('are the same for the same records', () => {
    expect(gateTables(records, resampledGates(records, 30, rule), rule)).toBe(tables)
    expect(doseCurve(resampled.fromAll)).toContain('<polyline')
  })

  test('say what was measured, how it ended, and what is not met', () => {
    expect(tables).toContain('measured   84 gates and 0 calibrations of indexes/composite: Q1, Q2, Q3')
    expect(tables).toMatch(
      /\| equal sides, \*\*all\*\* \| 42 \| 42 \| 0 \| 0 \| 0 \| 0 \| 0 \| false alarms ≤ 6\.9 % \|/,
    )
    const lines = proof(records, resampled)
    const of = (part: string) => lines.find(({ figure }) => figure.includes(part))
    expect(of('of equal sides')).toMatchObject({ found: '42 in 3', met: false })
    expect(of('of these, FAIL')).toMatchObject({ found: '0 (with 95 % confidence ≤ 6.9 %)', met: true })
    expect(of('simulated gates a cell')).toMatchObject({ found: '30', met: false })
    expect(of('slowest 7 %')).toMatchObject({ met: true })
    expect(of('slowest 3 %')).toMatchObject({ met: true })
    expect(of('seconds')).toMatchObject({ found: '72 and 109', met: true })
  })

  test('do not praise gates that failed, missed or broke', () => {
    const worse = records.map((record) =>
      record.kind === 'gate' && record.slowdown === 'none' ? { ...record, status: 'fail' as const } : record,
    )
    const met = (part: string, of: readonly CampaignRecord[]) =>
      proof(of, resampled).find(({ figure }) => figure.includes(part))?.met
    expect(met('of these, FAIL', worse)).toBe(false)
    const missed = gatesOf(records).map((record): GateRecord => ({ ...record, operations: [] }))
    expect(met('of these, not found', missed)).toBe(false)
    expect(met('slowest 7 %', missed)).toBe(false)
    const nothing = proof([], resampledGates([], 30, rule))
    expect(nothing.filter((line) => line.met)).toEqual([])
  })

  test('measure a slowdown by the rounds that every gate has', () => {
    const { estimate, low, high } = slowdownEffect(gatesWith(records, ['delay', 'sql']), 'p95') ?? {}
    expect(estimate).toBeCloseTo(Math.log(1.1), 2)
    expect(low).toBeLessThan(estimate ?? 0)
    expect(high).toBeGreaterThan(estimate ?? 0)
  })

  test('are those of the committed records', async () => {
    const file = new URL('../../../reports/validation/gate.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toContain(realGatesSection(await readRecords()))
  })
})

describe('negative controls', () => {
  test('replay verdicts and roles, and notice where they do not follow', () => {
    expect(replayed(gatesOf(records), rule)).toEqual({ gates: 84, words: 84, roles: 84 })
    const changed = gatesOf(records).map((record) => ({
      ...record,
      orderSeed: record.orderSeed + 1,
      status: 'invalid' as const,
    }))
    const { words, roles } = replayed(changed, rule)
    expect(words).toBe(0)
    expect(roles).toBeLessThan(10)
  })

  test('find shares of permutations uniform for equal sides, and not for a slower candidate', () => {
    const fair = distanceFromUniform(permutationShares(equal))
    expect(fair.distance).toBeLessThan(fair.usual)
    const slow = equal.map((record) => ({
      ...record,
      evidence: { ...record.evidence, Q1: slowed(record.evidence['Q1']) },
    }))
    const unfair = distanceFromUniform(permutationShares(slow))
    expect(unfair.distance).toBeGreaterThan(unfair.usual)
  })

  test('make a collapsed candidate INVALID', () => {
    expect(collapsed(equal, rule)).toEqual({ gates: 42, nothing: 42, tooLittle: 42 })
  })

  test('see an order effect with fixed roles alone', () => {
    for (const { tossed, fixed } of resampled.controls) {
      expect(fixed.statuses.fail).toBe(30)
      expect(tossed.statuses.fail).toBeLessThan(3)
    }
  })
})

const slowed = (recorded: RecordedRounds | undefined): RecordedRounds => {
  if (recorded === undefined) throw new Error('every gate has Q1')
  return { ...recorded, evidence: recorded.evidence.map((each) => shifted(each, 0.03)) }
}

describe('common rules on traces', () => {
  test('are asked of every gate, of each process, and of gates far enough apart', () => {
    const three = equal.slice(0, 3)
    const gates = commonRules.map((entry) => askRule(entry, three).gates)
    // Stored: 6 ordered pairs of gates, of 8 processes or of all together; in sequence 7 of 8 have a process before.
    expect(gates).toEqual([48, 6, 48, 6, 21, 21, 3, 24])
  })

  test('find +10 % where they can: levels differ by 20 %, so a stored one does not', () => {
    const of = (title: string, processes: number) => {
      const entry = commonRules.find((each) => each.title.includes(title) && each.processes === processes)
      if (entry === undefined) throw new Error(`no rule ${title}`)
      return askRule(entry, equal)
    }
    const stored = of('ratio > 1.10', 8)
    expect(stored.falseOperations / stored.operations).toBeGreaterThan(0.05)
    expect(stored.found / stored.operations).toBeLessThan(0.9)
    const paired = of('signed ranks', 1)
    expect(paired.operations).toBe(42 * 8 * 3)
  })
})
