import { expect, test } from 'vitest'
import { expandVariants } from './expand.ts'
import type { StatisticsState, Variant } from './scenario.ts'

const variant = (id: string, more: Partial<Variant> = {}): Variant => ({
  id,
  title: id,
  role: 'candidate',
  migrations: [],
  ...more,
})
const expanded = (variants: readonly Variant[], statistics?: readonly StatisticsState[]): readonly string[] =>
  expandVariants({ variants, ...(statistics === undefined ? {} : { statistics }) }).map(
    ({ id, statistics: state, versus }) => `${id} (${state}) against ${String(versus)}`,
  )

test('each variant is measured with and without statistics, against its versus in the same state', () => {
  const client = variant('client', { versus: 'a', statistics: ['analyzed'] })
  expect(expanded([variant('baseline'), variant('a'), client])).toEqual([
    'baseline (analyzed) against null',
    'baseline:no-stats (none) against baseline',
    'a (analyzed) against baseline',
    'a:no-stats (none) against baseline:no-stats',
    'client (analyzed) against a',
  ])
})

test('a variant that is measured without statistics alone keeps its id', () => {
  expect(expanded([variant('baseline'), variant('a')], ['none'])).toEqual([
    'baseline (none) against null',
    'a (none) against baseline',
  ])
})

test('where its versus is not measured in the same state, the state that is measured serves', () => {
  const analyzed = variant('a', { statistics: ['analyzed'] })
  expect(expanded([variant('baseline'), analyzed, variant('b', { versus: 'a' })]).slice(-2)).toEqual([
    'b (analyzed) against a',
    'b:no-stats (none) against a',
  ])
})

test('every versus is in the list', () => {
  const states: readonly (readonly StatisticsState[])[] = [['none'], ['analyzed'], ['none', 'analyzed']]
  for (const first of states) {
    for (const second of states) {
      const variants = [variant('baseline', { statistics: first }), variant('a', { statistics: second })]
      const measured = expandVariants({ variants })
      const ids = measured.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const { versus } of measured) expect([null, ...ids]).toContain(versus)
    }
  }
})
