import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { sampleComparison } from '../../fixtures/runs/sample-comparison.ts'
import { sampleGateRun } from '../../fixtures/runs/sample-gate-run.ts'
import { sampleLoadRun } from '../../fixtures/runs/sample-load-run.ts'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import { sampleSweepRun } from '../../fixtures/sweeps/sample-sweep-run.ts'
import {
  gateRunJsonSchema,
  loadComparisonJsonSchema,
  loadRunJsonSchema,
  runJsonSchema,
  sweepRunJsonSchema,
} from './run-json-schema.ts'
import { runFormatVersion } from './run.ts'
import { serializeRun } from './serialize.ts'

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
addFormats.default(ajv)
const isRun = ajv.compile(runJsonSchema())
const sample = (): Record<string, unknown> => JSON.parse(serializeRun(sampleRun())) as Record<string, unknown>

describe('runJsonSchema', () => {
  test('is the committed one; vitest -u renews it', async () => {
    await expect(`${JSON.stringify(runJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../reports/run.schema.json',
    )
  })

  test('accepts a Run', () => {
    expect(isRun(sample()), ajv.errorsText(isRun.errors)).toBe(true)
  })

  test.each([
    ['no settings', { settings: undefined }],
    ['another format', { format: 'hyperfine' }],
    ['a newer version', { version: runFormatVersion + 1 }],
    ['a date that is none', { startedAt: 'yesterday' }],
    ['scenarios that are no list', { scenarios: {} }],
    ['a scenario that is none', { scenarios: [{ id: 'x' }] }],
  ])('refuses a Run with %s', (_, change) => {
    const broken = JSON.parse(JSON.stringify({ ...sample(), ...change })) as unknown
    expect(isRun(broken)).toBe(false)
  })
})

describe('loadRunJsonSchema', () => {
  const isLoadRun = ajv.compile(loadRunJsonSchema())
  const load = (): Record<string, unknown> =>
    JSON.parse(serializeRun(sampleLoadRun())) as Record<string, unknown>

  test('is the committed one; vitest -u renews it', async () => {
    await expect(`${JSON.stringify(loadRunJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../reports/load-run.schema.json',
    )
  })

  test('accepts a Run of a load, and no other Run', () => {
    expect(isLoadRun(load()), ajv.errorsText(isLoadRun.errors)).toBe(true)
    expect(isLoadRun(sample())).toBe(false)
    expect(isRun(load())).toBe(false)
  })

  test.each([
    ['no measurement', { measurement: undefined }],
    ['another kind', { kind: 'sql' }],
    ['a newer version', { version: runFormatVersion + 1 }],
    ['thresholds that are no list', { thresholds: {} }],
    ['a slice that is none', { measurement: { slices: [{}] } }],
  ])('refuses a Run with %s', (_, change) => {
    expect(isLoadRun(JSON.parse(JSON.stringify({ ...load(), ...change })))).toBe(false)
  })
})

describe('loadComparisonJsonSchema', () => {
  const isComparison = ajv.compile(loadComparisonJsonSchema())
  const comparison = (): Record<string, unknown> =>
    JSON.parse(serializeRun(sampleComparison())) as Record<string, unknown>

  test('is the committed one; vitest -u renews it', async () => {
    await expect(`${JSON.stringify(loadComparisonJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../reports/load-comparison.schema.json',
    )
  })

  test('accepts a comparison, and no other Run', () => {
    expect(isComparison(comparison()), ajv.errorsText(isComparison.errors)).toBe(true)
    expect(isComparison(sample())).toBe(false)
    expect(isRun(comparison())).toBe(false)
  })

  test('refuses a comparison without slices', () => {
    expect(isComparison(JSON.parse(JSON.stringify({ ...comparison(), slices: undefined })))).toBe(false)
  })
})

describe('gateRunJsonSchema', () => {
  const isGateRun = ajv.compile(gateRunJsonSchema())
  const gate = (): Record<string, unknown> =>
    JSON.parse(serializeRun(sampleGateRun())) as Record<string, unknown>

  test('is the committed one; vitest -u renews it', async () => {
    await expect(`${JSON.stringify(gateRunJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../reports/gate-run.schema.json',
    )
  })

  test('accepts a Run of a gate, and no other Run', () => {
    expect(isGateRun(gate()), ajv.errorsText(isGateRun.errors)).toBe(true)
    expect(isGateRun(sample())).toBe(false)
    expect(isRun(gate())).toBe(false)
  })

  test.each([
    ['no candidate', { candidate: undefined }],
    [
      'a side that says nothing of its schema',
      { baseline: { spec: 'variant:baseline', variant: 'baseline' } },
    ],
    ['rounds that are no list', { rounds: {} }],
    ['a rule without a budget', { settings: { rule: { budget: [] } } }],
  ])('refuses a Run with %s', (_, change) => {
    expect(isGateRun(JSON.parse(JSON.stringify({ ...gate(), ...change })))).toBe(false)
  })
})

describe('sweepRunJsonSchema', () => {
  const isSweepRun = ajv.compile(sweepRunJsonSchema())
  const claimed = { from: 1, to: 1 }
  const sweep = (): Record<string, unknown> =>
    JSON.parse(
      serializeRun(
        sampleSweepRun({
          parts: [
            { measure: 'sweep', metric: 'perSecond', variant: 'eight', versus: 'one', claimed },
            { measure: 'sweep-limit', metric: 'p95', variant: 'one', claimed: { atMost: 40 } },
          ],
        }),
      ),
    ) as Record<string, unknown>

  test('is the committed one; vitest -u renews it', async () => {
    await expect(`${JSON.stringify(sweepRunJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../reports/sweep-run.schema.json',
    )
  })

  test('accepts a Run of sweeps, and no other Run', () => {
    expect(isSweepRun(sweep()), ajv.errorsText(isSweepRun.errors)).toBe(true)
    expect(isSweepRun(sample())).toBe(false)
    expect(isRun(sweep())).toBe(false)
  })
})
