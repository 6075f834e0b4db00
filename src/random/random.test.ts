import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  below,
  hash32,
  logNormal,
  randomSequence,
  shuffle,
  shuffled,
  streamKey,
  streamKeys,
  type UuidBits,
  unit,
  uuidV4,
  uuidV7,
  weightedPick,
  zipf,
} from './random.ts'

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })

test('the same key and counter always give the same 32 bits', () => {
  fc.assert(
    fc.property(uint32, uint32, (key, counter) => {
      const value = hash32(key, counter)
      expect(value).toBe(hash32(key, counter))
      expect(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff).toBe(true)
    }),
  )
})

test('distinct counters of one key never meet', () => {
  fc.assert(
    fc.property(uint32, uint32, uint32, (key, a, b) => {
      fc.pre(a !== b)
      expect(hash32(key, a)).not.toBe(hash32(key, b))
    }),
  )
})

test('every bit is set about half of the time', () => {
  const rows = 20_000
  for (let bit = 0; bit < 32; bit += 1) {
    let set = 0
    for (let row = 0; row < rows; row += 1) set += (hash32(42, row) >>> bit) & 1
    expect(set / rows).toBeCloseTo(0.5, 1)
  }
})

test('unit lies in [0, 1) and below in [0, bound), both evenly', () => {
  const counts = new Uint32Array(10)
  for (let row = 0; row < 10_000; row += 1) {
    expect(unit(7, row)).toBeLessThan(1)
    counts[below(10, 7, row)]! += 1
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('streams of other names or seeds have other keys', () => {
  expect(streamKey(1, 'prompts', 'id')).not.toBe(streamKey(1, 'prompts', 'title'))
  expect(streamKey(1, 'ab', 'c')).not.toBe(streamKey(1, 'a', 'bc'))
  expect(streamKey(1, 'prompts')).not.toBe(streamKey(2, 'prompts'))
  expect(streamKeys(1, 'prompts', ['id']).id).toBe(streamKey(1, 'prompts', 'id'))
})

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

const word = fc.integer({ min: 0, max: 0xffff_ffff })
const bits: fc.Arbitrary<UuidBits> = fc.tuple(word, word, word, word)
const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 })

test('v4 ids have the form, version and variant of RFC 9562', () => {
  fc.assert(
    fc.property(bits, (bits) => {
      expect(uuidV4(bits)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }),
  )
})

test('v7 ids start with the moment and end like the v4 id of the same bits', () => {
  fc.assert(
    fc.property(moment, bits, (unixMs, bits) => {
      const id = uuidV7(unixMs, bits)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(unixMs)
      expect(id.slice(19)).toBe(uuidV4(bits).slice(19))
    }),
  )
})

test('v7 ids of later moments sort behind', () => {
  fc.assert(
    fc.property(moment, moment, bits, (a, b, bits) => {
      fc.pre(a < b)
      expect(uuidV7(a, bits) < uuidV7(b, bits)).toBe(true)
    }),
  )
})

test('shuffling keeps every value and leaves the list as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), uint32, (values, key) => {
      const before = [...values]
      const after = shuffled(values, randomSequence(key))
      expect(after.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b))
      expect(values).toEqual(before)
    }),
  )
})
