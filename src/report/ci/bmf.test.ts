import { Ajv } from 'ajv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyGate } from '../../../fixtures/runs/any-gate.ts'
import { failingGate } from '../../../fixtures/runs/failing-gate.ts'
import { bencherMetricFormat } from './bmf.ts'
import { keptFindings } from './gate-report.ts'

/**
 * Bencher Metric Format as Bencher publishes it (bmf.json), with the lengths of its reference page, and closed: benchmark
 * → measure → value with a lower and an upper one.
 */
const isBmf = new Ajv().compile({
  type: 'object',
  propertyNames: { minLength: 1, maxLength: 1024 },
  additionalProperties: {
    type: 'object',
    propertyNames: { pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 },
    additionalProperties: {
      type: 'object',
      required: ['value'],
      properties: {
        value: { type: 'number' },
        lower_value: { type: 'number' },
        upper_value: { type: 'number' },
      },
      additionalProperties: false,
    },
  },
})

type Bmf = Readonly<Record<string, Readonly<Record<string, { readonly value: number }>>>>

function read(text: string): Bmf {
  const value: unknown = JSON.parse(text)
  isBmf(value)
  expect(isBmf.errors).toBeNull()
  return value as Bmf
}

test('a failing gate has latencies in nanoseconds with our bounds, and counters of their own', () => {
  const bmf = read(bencherMetricFormat(failingGate()))
  expect(bmf['indexes/sample/Q1 (variant:baseline)']?.['latency']).toEqual({
    value: expect.closeTo(516_000, -3),
    lower_value: expect.any(Number),
    upper_value: expect.any(Number),
  })
  expect(bmf['indexes/sample/Q2 (candidate)']).toEqual({
    latency: { value: 33_000, lower_value: 31_000 },
    throughput: { value: 31_500, lower_value: 30_900, upper_value: 32_000 },
  })
  expect(bmf['indexes/sample/Q1 (composite)']?.['vm-steps']).toEqual({
    value: 2352,
    lower_value: 2352,
    upper_value: 2352,
  })
  expect(bmf['indexes/sample/Q1 (baseline)'], 'VM steps keep their name when nothing changes').toHaveProperty(
    'vm-steps',
  )
  expect(bmf['indexes/sample (composite)']?.['file-size']).toMatchObject({ value: 11_000_000 })
  expect(bmf['load/prompts-api/list']).toEqual({
    'http-req-duration-p-95': { value: 231_500_000, lower_value: 231_500_000, upper_value: 231_500_000 },
  })
  expect(JSON.stringify(bmf)).not.toContain('rows-read')
})

test('any strings and numbers meet the schema, and no value is lost', () => {
  fc.assert(
    fc.property(anyGate, (report) => {
      const bmf = read(bencherMetricFormat(report))
      const values = Object.keys(bmf).flatMap((name) => Object.keys(bmf[name] ?? {}))
      expect(values).toHaveLength(keptFindings(report.verdict.findings).length)
    }),
  )
})
