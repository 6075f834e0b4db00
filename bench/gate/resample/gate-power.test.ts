import { afterEach, describe, expect, test, vi } from 'vitest'
import { decideGate } from '../../../src/stats/decide-gate.ts'
import { gateBudget } from '../../../src/stats/interim-analyses.ts'
import { hodgesLehmann, walshAverages } from '../../../src/stats/hodges-lehmann.ts'
import { signedRankCumulative } from '../../../src/stats/signed-rank.ts'
import {
  falseAlarmsOverAllRoles,
  flaws,
  slowed,
  pools,
  rounds,
  rule,
  shipped,
  type GateParts,
} from './gate-flaws.ts'
import type { Decide } from './resample.ts'

/** The shipped `decideGate` with other statistics under it. */
async function decideOn(module: string, replaced: (original: never) => object): Promise<Decide> {
  vi.resetModules()
  vi.doMock(module, async (importOriginal) => {
    const original = await importOriginal<object>()
    return { ...original, ...replaced(original as never) }
  })
  const weakened = await import('../../../src/stats/decide-gate.ts')
  return weakened.decideGate
}

const firstFlaw = (gate: Partial<GateParts>): string | undefined =>
  flaws({ ...shipped, ...gate }).next().value as string | undefined

describe('recorded rounds', () => {
  test('are of two conditions at least, and of slowdowns in the tail and of stalls', () => {
    expect(pools.length).toBeGreaterThanOrEqual(2)
    expect(new Set(slowed.map(({ slowdown }) => slowdown))).toEqual(new Set(['held-7', 'stall']))
  })

  test('show a gate that does not lie: false alarms ≤ 1 %, detection of +10 % ≥ 95 %', () => {
    expect([...flaws(shipped)]).toEqual([])
  })
})

describe('a weakened gate is found out', () => {
  afterEach(() => {
    vi.doUnmock('../../../src/stats/signed-rank.ts')
    vi.doUnmock('../../../src/stats/interim-analyses.ts')
    vi.resetModules()
  })

  const bounds = (shift: number) => (values: readonly number[], alpha: number) => {
    const cumulative = signedRankCumulative(values.length)
    const outside = cumulative.findIndex((p) => p > alpha) - 1
    if (outside < 0) return undefined
    const averages = walshAverages(values)
    const exact = cumulative[outside] ?? 0
    const at = (place: number) => ({ value: averages[place] ?? 0, alpha: exact })
    return { low: at(outside + shift), high: at(averages.length - 1 - outside - shift) }
  }

  test('whose bound is right by our own reckoning', async () => {
    const decide = await decideOn('../../../src/stats/signed-rank.ts', () => ({
      signedRankBounds: bounds(0),
    }))
    expect([...falseAlarmsOverAllRoles({ ...shipped, decide })]).toEqual([])
  })

  test('whose bound is off by one rank', async () => {
    const decide = await decideOn('../../../src/stats/signed-rank.ts', () => ({
      signedRankBounds: bounds(1),
    }))
    expect(firstFlaw({ decide })).toMatch(/^2 of 256 assignments/)
  })

  test('whose operations do not share the error budget', async () => {
    const decide = await decideOn(
      '../../../src/stats/interim-analyses.ts',
      ({ gateAnalyses }: { gateAnalyses: (operations: number, budget: unknown) => unknown }) => ({
        gateAnalyses: (_: number, budget: unknown) => gateAnalyses(1, budget),
      }),
    )
    expect(firstFlaw({ decide })).toMatch(/assignments of roles fail at the tolerance, with 3 operations/)
  })

  test('that passes on its estimate instead of its bound', async () => {
    const decide = await decideOn('../../../src/stats/signed-rank.ts', () => ({
      signedRankBounds: (values: readonly number[], alpha: number) => {
        const exact = bounds(0)(values, alpha)
        return exact && { ...exact, high: { value: hodgesLehmann(values), alpha } }
      },
    }))
    expect(firstFlaw({ decide })).toMatch(/finds \d+ of 300 at \+10 %/)
  })

  test('that believes operations without measurements', () => {
    const decide: Decide = (all, rule) =>
      decideGate(
        all.filter((operation) => operation.rounds.length > 0),
        rule,
      )
    expect(firstFlaw({ decide })).toBe('undecided for a candidate that measured nothing')
  })

  const analyses = (alpha: number, from: number) =>
    Array.from({ length: rounds - from + 1 }, (_, place) => ({
      rounds: from + place,
      alpha,
      stallAlpha: 0.0003,
    }))

  test.each<[string, Partial<GateParts>, RegExp]>([
    ['whose roles are not tossed', { roles: () => [0, 1] }, /fail for the order of the sides/],
    ['that drops its tolerance', { rule: { ...rule, toleranceRatio: 1 } }, /fail at the tolerance/],
    [
      'that analyses after every round at 1 %',
      { rule: { ...rule, budget: analyses(0.01, 8) } },
      /fail at the tolerance/,
    ],
    [
      'that analyses again after every round from the ninth on',
      { rule: { ...rule, budget: [...gateBudget.slice(0, 1), ...analyses(0.01, 9)] } },
      /fail at the tolerance/,
    ],
    [
      'that compares medians',
      {
        tail: ({ rounds: each, p50 }) =>
          each.map((evidence, place) => ({ ...evidence, effect: p50[place] ?? 0 })),
      },
      /miss held-7/,
    ],
    [
      'that counts no stalls',
      {
        tail: ({ rounds: each }) =>
          each.map((evidence) => ({ ...evidence, slow: { pairs: 0, baseline: 0, candidate: 0 } })),
      },
      /miss stall/,
    ],
    ['that lets 30 % pass', { rule: { ...rule, smallestEffectRatio: 1.3 } }, /finds \d+ of 300/],
    ['that tolerates 8 %', { rule: { ...rule, toleranceRatio: 1.08 } }, /finds \d+ of 300/],
    [
      'that takes one analysis with next to no error',
      { rule: { ...rule, budget: [{ rounds: 18, alpha: 1e-5, stallAlpha: 0.0003 }] } },
      /./,
    ],
  ])('%s', (_, gate, flaw) => {
    expect(firstFlaw(gate)).toMatch(flaw)
  })
})
