import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LoadProfile, LoadRequest } from './load-profile.ts'
import { sequenceOf, thinkMsAt } from './sequence.ts'

const request = (id: string): LoadRequest => ({
  id,
  title: id,
  method: 'POST',
  path: ({ index, row }) => `/${id}/${index}/${row('rows')['n']}`,
  body: ({ random }) => [random(), random()],
  status: 200,
})
const profile = {
  requests: ['a', 'b', 'c'].map(request),
  mixes: { all: { a: 1, b: 0, c: 2.5 } },
  thinkMs: { from: 100, to: 500 },
} as unknown as LoadProfile
const data = { rows: Array.from({ length: 7 }, (_, n) => ({ n })) }

describe('sequenceOf', () => {
  test('a place of the sequence is the same whatever was asked for before', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.array(fc.nat(1e9), { minLength: 1 }), (seed, places) => {
        const sequence = sequenceOf(profile, 'all', data, seed)
        const forward = places.map(sequence)
        const backward = places.toReversed().map(sequence).toReversed()
        expect(forward).toEqual(backward)
        expect(forward.map(({ index }) => index)).toEqual(places)
      }),
    )
  })

  test('kinds come in the shares of their weights, rows alike, pauses within their bounds', () => {
    const sequence = sequenceOf(profile, 'all', data, 1)
    const made = Array.from({ length: 35_000 }, (_, index) => sequence(index))
    const share = (pattern: RegExp): number =>
      made.filter(({ path }) => pattern.test(path)).length / made.length
    expect(share(/^\/a\//)).toBeCloseTo(1 / 3.5, 1)
    expect(share(/^\/b\//)).toBe(0)
    for (const { n } of data.rows) expect(share(new RegExp(`/${n}$`))).toBeCloseTo(1 / 7, 1)
    const pauses = made.map(({ index }) => thinkMsAt(profile, 1, index))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...pauses)).toBeLessThan(500)
    expect(pauses.reduce((sum, each) => sum + each, 0) / pauses.length).toBeCloseTo(300, -1)
  })

  test('a mix without weights and a table without rows are refused', () => {
    expect(() => sequenceOf(profile, 'none', data, 1)).toThrow('mix none has no request with a weight')
    expect(() => sequenceOf(profile, 'all', {}, 1)(0)).toThrow('no rows of rows were drawn')
  })
})
