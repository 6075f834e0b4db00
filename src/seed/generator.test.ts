import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { apportion } from './apportion.ts'
import { dealChains } from './chains.ts'
import { rowCounts, tableNames } from './scale.ts'
import { anchorMs, momentMs, startMs, timestamp } from './timeline.ts'
import { buildVocabulary } from './vocabulary.ts'

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })

test('scale 1 is ten thousand prompts, thirty thousand evaluations, three hundred thousand results', () => {
  expect(rowCounts(1)).toEqual({
    prompt_templates: 200,
    prompts: 10_000,
    evaluations: 30_000,
    test_results: 300_000,
  })
})

test('a scale outside of 0.01 to 100 is refused with the range', () => {
  for (const scale of [0, 0.009, 100.1, -1, Number.NaN, Infinity]) {
    expect(() => rowCounts(scale)).toThrow(/out of range; give a number from 0.01 to 100/)
  }
  for (const table of tableNames) expect(rowCounts(0.01)[table]).toBeGreaterThan(0)
})

test('versions along a chain are consecutive, each behind its parent, whatever the block', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), uint32, (rows, key) => {
      const { chain, version, parent, superseded } = dealChains(rows, key)
      for (let row = 0; row < rows; row += 1) {
        const before = parent[row]!
        expect(before).toBeLessThan(row)
        expect(version[row]).toBe(before < 0 ? 1 : version[before]! + 1)
        if (before < 0) continue
        expect(chain[before]).toBe(chain[row])
        expect(superseded[before]).toBe(1)
      }
      const heads = superseded.filter((flag) => flag === 0).length
      expect(new Set(chain).size).toBe(heads)
    }),
    { numRuns: 30 },
  )
})

test('every block of a hundred rows or more holds a chain of at least fifty versions', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 1000 }), uint32, (rows, key) => {
      expect(Math.max(...dealChains(rows, key).version)).toBeGreaterThanOrEqual(50)
    }),
    { numRuns: 30 },
  )
})

test('apportion gives exactly the total, something to all that weigh, nothing to the rest', () => {
  const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true })), {
    minLength: 1,
    maxLength: 300,
  })
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 10_000 }), (weights, total) => {
      fc.pre(weights.some((weight) => weight > 0))
      const counts = apportion(total, Float64Array.from(weights))
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total)
      const positive = weights.filter((weight) => weight > 0).length
      for (const [index, weight] of weights.entries()) {
        if (weight === 0) expect(counts[index]).toBe(0)
        else if (total >= positive) expect(counts[index]).toBeGreaterThan(0)
      }
    }),
  )
})

test('moments never go back, start 24 months before the anchor, and grow denser towards it', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (a, b) => {
        expect(momentMs(Math.min(a, b))).toBeLessThanOrEqual(momentMs(Math.max(a, b)))
      },
    ),
  )
  expect(momentMs(0)).toBe(startMs)
  expect(momentMs(1)).toBe(anchorMs)
  expect(momentMs(0.5)).toBeGreaterThan((startMs + anchorMs) / 2)
})

test('timestamps look like CURRENT_TIMESTAMP and never pass the anchor', () => {
  fc.assert(
    fc.property(fc.integer({ min: startMs, max: anchorMs }), (moment) => {
      expect(timestamp(moment)).toBe(new Date(moment).toISOString().slice(0, 19).replace('T', ' '))
    }),
  )
  expect(timestamp(anchorMs + 1e10)).toBe('2025-10-01 00:00:00')
})

test('the vocabulary depends on the seed alone and is safe inside of JSON', () => {
  const vocabulary = buildVocabulary(5)
  expect(buildVocabulary(5)).toEqual(vocabulary)
  expect(buildVocabulary(6)).not.toEqual(vocabulary)
  for (const { questions, answers } of [vocabulary.english, vocabulary.japanese]) {
    for (const phrase of [...questions, ...answers]) {
      const text = Buffer.from(phrase, 'latin1').toString('utf8')
      expect(text).not.toContain('�')
      expect(JSON.parse(`"${text}"`)).toBe(text)
      expect(text).not.toMatch(/undefined|[{}]/)
    }
  }
})
