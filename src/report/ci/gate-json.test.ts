import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyGate } from '../../../fixtures/runs/any-gate.ts'
import { failingGate } from '../../../fixtures/runs/failing-gate.ts'
import { gateJson, gateVerdictJsonSchema } from './gate-json.ts'

const ajv = new Ajv2020()
addFormats.default(ajv)
const isGateJson = ajv.compile(gateVerdictJsonSchema())

function read(text: string): { readonly status: string; readonly findings: readonly unknown[] } {
  const value: unknown = JSON.parse(text)
  isGateJson(value)
  expect(isGateJson.errors).toBeNull()
  return value as ReturnType<typeof read>
}

test('the committed JSON Schema describes the verdict', async () => {
  await expect(`${JSON.stringify(gateVerdictJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../../reports/gate-verdict.schema.json',
  )
})

test('a failing gate is the verdict, with a name for each finding and null for a bound that is not known', () => {
  const gate = read(gateJson(failingGate()))
  expect(gate).toMatchObject({
    format: 'forgebench-gate',
    version: 1,
    status: 'invalid',
    runs: [{ id: '20261124T004831Z-1f2e3d', status: 'complete' }],
  })
  expect(gate.findings).toHaveLength(failingGate().verdict.findings.length)
  expect(gate.findings).toContainEqual(
    expect.objectContaining({
      name: 'indexes/sample/Q2 p95Us (candidate)',
      measured: { value: 33_000, low: 31_000, high: null, unit: 'ns' },
    }),
  )
})

test('any gate meets the schema', () => {
  fc.assert(fc.property(anyGate, (report) => void read(gateJson(report))))
})
