import { describe, expect, test } from 'vitest'
import { signedRankInterval } from '../../src/stats/signed-rank.ts'
import { cutOperation } from '../../src/engine/experiment/cut-operation.ts'
import { runRound } from '../../src/measure/round.ts'
import type { RoundPlan, RoundVariant } from '../../src/measure/round-plan.ts'
import { sideLevel } from '../../src/stats/over-rounds.ts'
import type { SampledRound } from '../../src/stats/sampled-slice.ts'
import { planSteps } from '../../src/measure/round-plan.ts'
import { randomSequence } from '../../src/random/random.ts'
import type { Connection } from '../../src/target/connection.ts'
import { estimatorTables } from './estimator-tables.ts'
import { estimators, shipped } from './estimators.ts'
import { latencyCases, normalSequence, trueQuantileNs } from './latency-cases.ts'
import { estimatorCells, simulateCell, type EstimatorResult } from './simulate-estimators.ts'

const cellOf = (name: string, burst: string, samples: number, order = 'independent') => {
  const found = estimatorCells().find(
    ({ latencies, shape }) =>
      latencies.name === name &&
      shape.burst === burst &&
      shape.order === order &&
      shape.samples[1] * shape.blocks === samples,
  )
  if (found === undefined) throw new Error(`no cell ${name}, ${burst}, ${samples}`)
  return found
}

/** The short form of `npm run validate:estimators`: seeded, so that it says the same on every machine. */
describe('the shipped estimator', () => {
  test.each([
    ['all calls +10 %', 'none', 'independent'],
    ['8 % of calls 5×', 'multiply', 'independent'],
    ['8 % of calls 5×', 'add', 'independent'],
    ['8 % of calls 5×', 'half', 'independent'],
    ['all calls +10 %', 'multiply', 'autocorrelated'],
  ])('finds the P95 of %s under bursts that %s, %s calls', (name, burst, order) => {
    const results = simulateCell(cellOf(name, burst, 1000, order), 60, [shipped])
    const { ratio, level } = results.find(({ quantile }) => quantile === 'p95')!
    for (const { bias, coverage } of [ratio, level]) {
      expect(Math.abs(bias)).toBeLessThan(0.035)
      // 96 % and three standard errors of 60.
      expect(coverage).toBeGreaterThanOrEqual(0.87)
    }
  })

  test('says nothing of a P99 with 1,000 samples', () => {
    const { latencies, shape } = cellOf('all calls +10 %', 'none', 1000)
    const [result] = simulateCell({ latencies, shape, quantiles: ['p99'] }, 3, [shipped])
    expect(result?.ratio.bias).toBeNaN()
  })

  test('is there for what the others miss: changes in the tail, and bursts', () => {
    const results = simulateCell(cellOf('8 % of calls 5×', 'multiply', 1000), 30)
    const p95 = results.filter(({ quantile }) => quantile === 'p95')
    const [slices, pooled] = p95.map(({ ratio }) => ratio)
    expect(slices?.bias).toBeLessThan(-0.1)
    expect(slices?.coverage).toBeLessThan(0.3)
    expect(pooled?.bias).toBeLessThan(-0.1)
    expect(p95.map(({ estimator }) => estimator)).toEqual(estimators.map(({ title }) => title))
  })
})

test('the truth of a case is its quantile', () => {
  for (const { candidate } of latencyCases) {
    const { normal, uniform } = normalSequence(5)
    const samples = Float64Array.from({ length: 200_000 }, () => {
      const slow =
        candidate.slow !== undefined && uniform() < candidate.slow.share ? candidate.slow.factor : 1
      return (candidate.scale ?? 1) * slow * Math.exp(candidate.sigma * normal())
    }).sort()
    const at = (p: number): number => samples[Math.floor(p * samples.length)] ?? 0
    expect(trueQuantileNs(candidate, 0.5) / 1e6 / at(0.5)).toBeCloseTo(1, 2)
    expect(trueQuantileNs(candidate, 0.95) / 1e6 / at(0.95)).toBeCloseTo(1, 1)
  }
})

test('an interval over rounds holds the centre as often as it says, over all signs that rounds can have: no rank is off by one', () => {
  for (const rounds of [6, 8, 11]) {
    const sizes = Array.from({ length: rounds }, (_, i) => 1 + i * 1.01 ** i)
    let held = 0
    let stated = 0
    for (let signs = 0; signs < 2 ** rounds; signs++) {
      const values = sizes.map((size, i) => (signs & (1 << i) ? size : -size))
      const interval = signedRankInterval(values, 0.95, 0)
      if (interval === undefined) throw new Error('six rounds reach 95 %')
      stated = interval.confidence
      if (interval.low <= 0 && 0 <= interval.high) held++
    }
    expect(held / 2 ** rounds).toBeCloseTo(stated, 10)
    expect(stated).toBeGreaterThanOrEqual(0.95)
  }
})

/** A database whose calls take `ns`, and up to four times as long when another one answered meanwhile: for ten calls. */
function coldTarget(sides: readonly { readonly id: string; readonly ns: number }[]) {
  let nowNs = 0
  let last = ''
  let since = 0
  const connectionOf = (id: string): Connection => {
    const ns = sides.find((side) => side.id === id)?.ns ?? 1
    const run = (): number => {
      since = last === id ? since + 1 : 0
      last = id
      nowNs += ns * (since < 10 ? 4 - 0.3 * since : 1) * (1 + 0.05 * Math.sin(since))
      return 1
    }
    return { prepareTimed: () => ({ kind: 'sync', run }), close: () => undefined } as unknown as Connection
  }
  return {
    clock: { nowNs: () => nowNs },
    open: async ({ id }: RoundVariant) => connectionOf(id),
    collectGarbage: () => undefined,
    rssBytes: () => 1,
  }
}

/** P95 of the first side over eight rounds, in nanoseconds, as it is planned for real. */
async function p95Of(sides: readonly { readonly id: string; readonly ns: number }[], sliceMs: number) {
  const cut = cutOperation(
    sides.map(({ id, ns }) => ({ variant: id, medianNs: ns, roundMs: 200 })),
    { sliceMs, warmupMs: 1 },
  )
  const rounds: SampledRound[] = []
  for (let round = 1; round <= 8; round++) {
    const operation = {
      id: 'Q1',
      kind: 'read' as const,
      sql: 'Q1',
      statementsPerSample: 1,
      blocks: cut.blocks,
      sides: cut.sides.map((side) => ({ ...side, args: [[]] })),
    }
    const plan: RoundPlan = {
      round,
      variants: sides.map(({ id }) => ({ id, driver: 'libsql', readPath: id, writePath: null })),
      operations: [operation],
      steps: planSteps([operation], randomSequence(round)),
    }
    const { slices } = await runRound(plan, coldTarget(sides))
    rounds.push({
      round,
      slices: slices
        .filter(({ variant }) => variant === sides[0]?.id)
        .map(({ block, durationsNs }) => ({ block, sortedNs: durationsNs.toSorted() })),
    })
  }
  const level = sideLevel(rounds, 'p95', 0.95)
  return level.state === 'measured' ? level.interval.estimate : NaN
}

describe('the P95 of a variant', () => {
  const fast = { id: 'fast', ns: 20_000 }
  /** Of 1 + 0.05 sin(n). */
  const truthNs = 20_000 * (1 + 0.05 * Math.sin(0.45 * Math.PI))

  test.each([
    [1, 1],
    [8, 1],
    [1, 100],
    [8, 100],
  ])(
    'is that of its steady calls, in slices of %i ms beside one that takes %i times as long: lead-in calls are dropped, and nobody shrinks its samples',
    async (sliceMs, times) => {
      const found = await p95Of([fast, { id: 'slow', ns: fast.ns * times }], sliceMs)
      expect(Math.abs(found / truthNs - 1)).toBeLessThan(0.01)
    },
  )
})

test('the tables say how far the shipped estimator is off, and where it is not good enough', () => {
  const result = (change: Partial<EstimatorResult>): EstimatorResult => ({
    latencies: 'all calls +10 %',
    burst: 'half',
    order: 'independent',
    samples: [1000, 1000],
    quantile: 'p95',
    estimator: shipped.title,
    simulations: 300,
    ratio: { bias: 0.001, coverage: 0.95 },
    level: { bias: -0.001, coverage: 0.95 },
    ...change,
  })
  const bad = result({ latencies: 'half the spread', ratio: { bias: 0.05, coverage: 0.6 } })
  const text = estimatorTables([result({}), bad])
  expect(text).toContain('**ratio**: |bias| ≤ 2 % in 1 of 2 cells')
  expect(text).toContain(
    '  - biased: P95 of «half the spread», 1000 and 1000 samples, bursts that hit half: +5.0 %, 60 %',
  )
  expect(text).toContain('**level**: |bias| ≤ 2 % in 2 of 2 cells')
})
