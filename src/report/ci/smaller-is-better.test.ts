import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { anyGate } from '../../../fixtures/runs/any-gate.ts'
import { failingGate } from '../../../fixtures/runs/failing-gate.ts'
import { biggerIsBetter, smallerIsBetter } from './smaller-is-better.ts'

/**
 * What github-action-benchmark takes for its custom tools, by its README and its reader: an array of points whose name,
 * unit, range and extra are texts and whose value is a number. Stricter than that reader, which converts.
 */
const points = z.array(
  z.strictObject({
    name: z.string().min(1),
    unit: z.string().min(1),
    value: z.number(),
    range: z.string().optional(),
    extra: z.string().optional(),
  }),
)

const read = (text: string): z.infer<typeof points> => points.parse(JSON.parse(text))

describe('the points of a failing gate', () => {
  test('have times, counters and sizes with our bounds and the verdict', () => {
    const found = read(smallerIsBetter(failingGate()))
    expect(found.find(({ name }) => name === 'indexes/sample/Q1 p95 (variant:baseline)')).toEqual({
      name: 'indexes/sample/Q1 p95 (variant:baseline)',
      unit: 'ns',
      value: expect.closeTo(516_000, -3),
      range: expect.stringMatching(/^4\d\d,\d{3} to 5\d\d,\d{3}$/),
      extra: expect.stringMatching(
        /^fail: p95 \+377 % .+\nlimit: fails when .+\nrun 20261124T004831Z-1f2e3d$/,
      ),
    })
    expect(found.find(({ unit }) => unit === 'bytes')).toMatchObject({ value: 11_000_000 })
    expect(found.filter(({ unit }) => unit === 'ops/s')).toEqual([])
  })

  test('have operations a second in a file of their own', () => {
    expect(read(biggerIsBetter(failingGate()))).toMatchObject([
      {
        name: 'indexes/sample/Q2 opsPerSec (candidate)',
        unit: 'ops/s',
        value: 31_500,
        range: '30,900 to 32,000',
      },
    ])
  })

  test('leave out what is invalid, and rows, which are right or wrong', () => {
    const all = [smallerIsBetter(failingGate()), biggerIsBetter(failingGate())].flatMap(read)
    expect(all.filter(({ name }) => / rows( |Read)/.test(name))).toEqual([])
  })

  test('have a value with several limits once', () => {
    const loads = read(smallerIsBetter(failingGate())).filter(({ name }) => name.startsWith('load/'))
    expect(loads).toMatchObject([
      { name: 'load/prompts-api/list http_req_duration p(95)', unit: 'ms', value: 231.5 },
    ])
  })
})

test('any strings and numbers make points with names of their own', () => {
  fc.assert(
    fc.property(anyGate, (report) => {
      for (const text of [smallerIsBetter(report), biggerIsBetter(report)]) {
        const names = read(text).map(({ name }) => name)
        expect(new Set(names).size).toBe(names.length)
      }
    }),
  )
})
