import { describe, expect, test } from 'vitest'
import { loadProfile } from '../../scenario/load-profile/load-profile-file.ts'
import { loadScenario } from '../../scenario/load.ts'
import { chooseVariants, planLoads, planSliceSeconds } from './plan-comparison.ts'
import { referenceDatasets } from '../../reference/dataset.ts'

const scenario = await loadScenario('indexes/composite', referenceDatasets)
const profile = await loadProfile('load/prompts-api')
const peak = { kind: 'peak' } as const
const arrivals = { kind: 'open-model', ratePerSec: 200, spacing: 'uniform' } as const

describe('chooseVariants', () => {
  const versus = (...ids: readonly string[]): Record<string, string | null> =>
    Object.fromEntries(chooseVariants(scenario, ids).map((variant) => [variant.id, variant.versus]))

  test('compares with the first, or with what the scenario compares with where that takes part', () => {
    expect(versus('baseline', 'composite')).toEqual({ baseline: null, composite: 'baseline' })
    expect(versus('composite', 'better')).toEqual({ composite: null, better: 'composite' })
    expect(versus('baseline', 'composite', 'baseline:no-stats', 'composite:no-stats')).toEqual({
      baseline: null,
      composite: 'baseline',
      'baseline:no-stats': 'baseline',
      'composite:no-stats': 'baseline:no-stats',
    })
  })

  test('names what is to be staged', () => {
    expect(chooseVariants(scenario, ['baseline:no-stats', 'composite'])).toMatchObject([
      { migrations: [], statistics: 'none' },
      { migrations: ['composite-indexes'], statistics: 'analyzed' },
    ])
  })

  test.each([
    [['baseline'], 'VARIANTS_TOO_FEW'],
    [['baseline', 'baseline'], 'VARIANTS_TOO_FEW'],
    [['baseline', 'composit'], 'VARIANT_UNKNOWN'],
    [['baseline', 'composite-client'], 'VARIANT_NOT_SERVED'],
  ])('refuses %j', (ids, code) => {
    expect(() => chooseVariants(scenario, ids)).toThrow(expect.objectContaining({ code }))
  })
})

describe('planLoads', () => {
  const ids = (mix: string | undefined, model: Parameters<typeof planLoads>[2]): readonly string[] =>
    planLoads(profile, mix, model).map(({ id }) => id)

  test('at peak: the mix of the review, the reads that indexes serve, and each request of them alone', () => {
    expect(ids(undefined, peak)).toEqual([
      'review',
      'reads',
      'list alone',
      'user-list alone',
      'evaluations alone',
      'score alone',
      'create alone',
    ])
  })

  test('one mix where one is named, and mixes only at a fixed rate', () => {
    expect(ids('reads', peak)).toEqual(['reads', 'user-list alone', 'evaluations alone', 'score alone'])
    expect(ids(undefined, arrivals)).toEqual(['review', 'reads'])
  })

  test('refuses a mix that is not there', () => {
    expect(() => planLoads(profile, 'writes', peak)).toThrow('has no mix writes; it has review, full, reads')
  })
})

describe('planSliceSeconds', () => {
  test('divides the time among slices, within bounds', () => {
    expect(planSliceSeconds(60, 98, peak)).toBeCloseTo(0.337, 3)
    expect(planSliceSeconds(1, 98, peak)).toBe(0.1)
    expect(planSliceSeconds(3600, 2, peak)).toBe(2)
  })

  test('a slice at a fixed rate holds enough requests for a P95, or the rate is refused', () => {
    expect(planSliceSeconds(10, 28, { ...arrivals, ratePerSec: 20 })).toBe(2)
    expect(() => planSliceSeconds(60, 28, { ...arrivals, ratePerSec: 5 })).toThrow(
      '--rate 5 brings too few requests for the P95 of a slice; take 8 or more',
    )
  })
})
