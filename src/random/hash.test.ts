import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { below, hash32, streamKey, streamKeys, unit } from './hash.ts'

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
