import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { apportion } from './rows/apportion.ts'
import { dealChains } from './rows/chains.ts'
import { rowCounts, tableNames } from './scale.ts'
import { lastCreatedMs, anchorMs, momentMs, startMs, timestamp } from './rows/timeline.ts'
import { buildVocabulary, type Language } from './vocabulary.ts'

const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')
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

test('moments never go back, start 24 months before the anchor, end an hour before it, and grow denser', () => {
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
  expect(momentMs(1)).toBe(lastCreatedMs)
  expect(momentMs(0.5)).toBeGreaterThan((startMs + anchorMs) / 2)
})

test('timestamps look like CURRENT_TIMESTAMP', () => {
  fc.assert(
    fc.property(fc.integer({ min: startMs, max: anchorMs }), (moment) => {
      expect(timestamp(moment)).toBe(new Date(moment).toISOString().slice(0, 19).replace('T', ' '))
    }),
  )
})

test('the vocabulary depends on the seed alone, and two languages have the same tasks', () => {
  const vocabulary = buildVocabulary(5)
  expect(buildVocabulary(5)).toEqual(vocabulary)
  expect(buildVocabulary(6)).not.toEqual(vocabulary)
  const tasks = ({ tasks }: Language): readonly unknown[] =>
    tasks.map(({ category, variables, cases, examples }) => [
      category,
      variables,
      cases.length,
      examples.length,
    ])
  expect(tasks(vocabulary.japanese)).toEqual(tasks(vocabulary.english))
})

test('test cases of a task are all different, none is an example, and Japanese ones are Japanese', () => {
  const { english, japanese } = buildVocabulary(5)
  for (const language of [english, japanese]) {
    for (const { cases, examples } of language.tasks) {
      const inputs = cases.map(({ input }) => input)
      expect(new Set(inputs).size).toBe(inputs.length)
      const shown = examples.flat()
      expect(new Set(shown).size).toBe(shown.length)
      for (const { input, expected, good, partial, wrong } of cases) {
        const values = Object.values(JSON.parse(utf8(input)) as Record<string, string>)
        expect(/[ぁ-ん]/.test(values.join(''))).toBe(language === japanese)
        expect(shown.every((example) => !values.every((value) => utf8(example).includes(value)))).toBe(true)
        expect(new Set([expected, good, partial, wrong]).size).toBe(4)
      }
    }
  }
})

test('names that seeds draw end no sentence and no SQL text', () => {
  fc.assert(
    fc.property(uint32, (seed) => {
      const { english, japanese } = buildVocabulary(seed)
      for (const { tasks } of [english, japanese]) {
        for (const { expected, good } of tasks.flatMap(({ cases }) => cases)) {
          for (const answer of [expected, good]) {
            if (answer.startsWith('SELECT')) expect(answer.split("'").length % 2).toBe(1)
          }
        }
      }
    }),
    { numRuns: 4 },
  )
})
