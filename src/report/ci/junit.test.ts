import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parse, type TestSuites } from 'junit2json'
import { describe, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { anyGate } from '../../../fixtures/runs/any-gate.ts'
import { failingGate } from '../../../fixtures/runs/failing-gate.ts'
import { gateVerdict } from '../../judge/gate/gate-status.ts'
import { junitXml } from './junit.ts'

const schema = readFileSync(new URL('../../../fixtures/schemas/junit.xsd', import.meta.url), 'utf8')

/** What libxml2 says against the schema; empty for nothing. */
async function mistakes(documents: readonly string[]): Promise<readonly string[]> {
  const xml = documents.map((contents, i) => ({ fileName: `${i}.xml`, contents }))
  const { errors } = await validateXML({ xml, schema: [schema] })
  return errors.map(({ rawMessage }) => rawMessage)
}

const parsed = async (xml: string): Promise<TestSuites> => (await parse(xml)) as TestSuites

describe('the JUnit file of a failing gate', () => {
  const xml = junitXml(failingGate())

  test('meets the schema', async () => {
    expect(await mistakes([xml])).toEqual([])
  })

  test('has a suite for each scenario, and a case for each finding by its word', async () => {
    const { testsuite = [] } = await parsed(xml)
    const suite = testsuite.find(({ name }) => name === 'indexes/sample')
    expect(suite).toMatchObject({
      tests: 9,
      failures: 3,
      errors: 0,
      skipped: 1,
      timestamp: '2026-11-24T00:48:31',
    })
    const cases = new Map((suite?.testcase ?? []).map((each) => [each.name, each]))
    expect(cases.get('indexes/sample/Q1 p95 (variant:baseline)')?.failure?.[0]).toMatchObject({
      type: 'relative',
      message: expect.stringMatching(/^p95 \+377 % \[\+339, \+406\], 516 µs against 108 µs$/),
    })
    expect(cases.get('indexes/sample/Q2 p95Us (candidate)')?.skipped?.[0]?.message).toMatch(
      /^inconclusive: p95 33/,
    )
    expect(cases.get('indexes/sample/Q2 p95 (variant:baseline)')).not.toHaveProperty('failure')
    expect(testsuite.filter(({ errors }) => errors === 1)).toHaveLength(1)
  })

  test('says how long the samples of a case took, and nothing for what has no clock', async () => {
    const { testsuite = [] } = await parsed(xml)
    const times = new Map(
      testsuite.flatMap(({ testcase = [] }) => testcase).map(({ name, time }) => [name, time]),
    )
    expect(times.get('indexes/sample/Q1 p95 (variant:baseline)')).toBeGreaterThan(1)
    expect(times.get('indexes/sample/Q1 vmSteps (composite)')).toBe(0)
  })

  test('tells findings of one name apart by their limits, whatever comes first', async () => {
    const { testsuite = [] } = await parsed(xml)
    const load = testsuite.find(({ name }) => name === 'load/prompts-api')
    expect(load?.testcase?.map(({ name }) => name).toSorted()).toEqual([
      'load/prompts-api/list http_req_duration p(95) [p(95)<200]',
      'load/prompts-api/list http_req_duration p(95) [p(95)<500]',
    ])
  })

  test('holds the notes', async () => {
    const { testsuite = [] } = await parsed(xml)
    expect(testsuite[1]?.['system-out']?.[0]).toMatch(/^time is not compared with a stored number/)
  })
})

test('a gate that judged nothing is an error, not an empty file that would be green', async () => {
  const xml = junitXml({ ...failingGate(), verdict: gateVerdict([], ['no budget']) })
  expect(await mistakes([xml])).toEqual([])
  const { testsuite = [] } = await parsed(xml)
  expect(testsuite).toMatchObject([{ tests: 1, errors: 1, testcase: [{ error: [{ type: 'invalid' }] }] }])
})

test('any strings make files that meet the schema and hold every finding', async () => {
  const gates = fc.sample(anyGate, 60)
  expect(await mistakes(gates.map(junitXml))).toEqual([])
  for (const gate of gates) {
    const { testsuite = [] } = await parsed(junitXml(gate))
    const cases = testsuite.flatMap(({ testcase = [] }) => testcase)
    const { findings } = gate.verdict
    expect(cases).toHaveLength(Math.max(findings.length, 1))
    const bad = cases.filter((each) => 'failure' in each || 'error' in each)
    expect(bad).toHaveLength(
      findings.length === 0
        ? 1
        : findings.filter(({ status }) => status === 'fail' || status === 'invalid').length,
    )
  }
})
