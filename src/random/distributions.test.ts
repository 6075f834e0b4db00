import { expect, test } from 'vitest'
import { unit } from './hash.ts'
import { logNormal } from './log-normal.ts'
import { shuffle } from './shuffle.ts'
import { weightedPick } from './weighted-pick.ts'
import { zipf } from './zipf.ts'

const draws = 20_000
const each = <T>(draw: (row: number) => T): T[] => Array.from({ length: draws }, (_, row) => draw(row))

test('zipf gives rank r a share of 1 / (r + 1)', () => {
  const rank = zipf(100, 1)
  const counts = new Uint32Array(100)
  for (const value of each((row) => rank(unit(1, row)))) counts[value]! += 1
  const harmonic = Array.from({ length: 100 }, (_, index) => 1 / (index + 1)).reduce((a, b) => a + b)
  for (const index of [0, 1, 9]) {
    expect(counts[index]! / draws).toBeCloseTo(1 / (index + 1) / harmonic, 2)
  }
  expect(rank(0)).toBe(0)
  expect(rank(1 - 2 ** -32)).toBe(99)
})

test('log-normal values lie half below the median, and 84 % below one sigma', () => {
  const values = each((row) => logNormal(400, 0.8, unit(1, row), unit(2, row)))
  const share = (limit: number): number => values.filter((value) => value < limit).length / draws
  expect(share(400)).toBeCloseTo(0.5, 1)
  expect(share(400 * Math.exp(0.8))).toBeCloseTo(0.841, 1)
})

test('weightedPick chooses by weight, never what weighs nothing', () => {
  const pick = weightedPick([
    { value: 'a', weight: 3 },
    { value: 'never', weight: 0 },
    { value: 'b', weight: 1 },
  ])
  const values = each((row) => pick(unit(1, row)))
  expect(values.filter((value) => value === 'a').length / draws).toBeCloseTo(0.75, 1)
  expect(values).not.toContain('never')
  expect(() => weightedPick([])).toThrow(RangeError)
})

test('shuffle keeps the values and gives each place to each value equally often', () => {
  const first = new Uint32Array(5)
  for (let key = 0; key < 5000; key += 1) {
    const values = Uint32Array.of(0, 1, 2, 3, 4)
    shuffle(values, key)
    expect(values.toSorted()).toEqual(Uint32Array.of(0, 1, 2, 3, 4))
    first[values[0]!]! += 1
  }
  for (const count of first) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
