import { describe, expect, test } from 'vitest'
import { sampleLoadRun } from '../../../fixtures/runs/sample-load-run.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { judgeRun } from '../judge-run.ts'
import { withThresholds } from './gate-load.ts'

const sample = sampleLoadRun()
const gateOf = (run: LoadRun) => judgeRun(run).gate

describe('the gate of a load', () => {
  test('is its thresholds, each a finding with what was measured', () => {
    const gate = gateOf(sample)
    expect(gate?.status).toBe('pass')
    expect(gate?.findings).toHaveLength(sample.thresholds.length)
    expect(gate?.findings[0]).toMatchObject({
      kind: 'threshold',
      scenario: sample.profile.id,
      variant: null,
      status: 'pass',
    })
  })

  test('fails with a threshold of the configuration, which names its kind of request', () => {
    const held = withThresholds(sample, { 'http_req_duration{op:list}': ['p(95)<0.001'] })
    expect(gateOf(held)).toMatchObject({ status: 'fail' })
    expect(gateOf(held)?.findings[0]).toMatchObject({
      operation: 'list',
      metric: 'http_req_duration{op:list} p(95)',
      limit: 'p(95)<0.001',
      measured: { unit: 'ms' },
      reason: expect.stringMatching(
        /^http_req_duration\{op:list\} p\(95\)<0\.001: measured [\d.]+ ms, 95 % CI [\d.]+ ms to [\d.]+ ms$/,
      ),
    })
  })

  test('says a share of failed requests in percent, with its bounds', () => {
    const reasons = gateOf(sample)?.findings.map(({ reason }) => reason)
    expect(reasons).toContainEqual(
      expect.stringMatching(/^http_req_failed rate<0\.002: measured [\d.]+ %, 95 % CI [\d.]+ % to [\d.]+ %/),
    )
  })

  test('is invalid where a threshold matches nothing', () => {
    const held = withThresholds(sample, { 'http_req_duration{op:absent}': ['p(95)<1000'] })
    expect(gateOf(held)).toMatchObject({ status: 'invalid', findings: [{ measured: null }, {}, {}, {}, {}] })
  })

  test('is invalid when the load is, whatever its thresholds say', () => {
    const accounting = sample.measurement.accounting.map((entry, index) =>
      index === 0 ? { ...entry, planned: entry.planned + 500 } : entry,
    )
    const gate = gateOf({ ...sample, measurement: { ...sample.measurement, accounting } })
    expect(gate?.status).toBe('invalid')
    expect(gate?.findings.filter(({ status }) => status === 'pass')).toEqual([])
    expect(gate?.findings.map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('the requests do not add up'),
    )
  })

  test('holds real bounds in every finding that was sampled, and the doubts that decided nothing as notes', () => {
    const lateness = { samples: 9000, p50Ns: 1e6, p99Ns: 30e6, maxNs: 40e6 }
    const gate = gateOf({ ...sample, measurement: { ...sample.measurement, lateness } })
    expect(gate).toMatchObject({
      status: 'pass',
      notes: [expect.stringContaining('requests were sent late')],
    })
    for (const { measured } of gate?.findings ?? []) {
      expect(measured?.low).toBeLessThan(measured?.value ?? NaN)
      expect(measured?.high).toBeGreaterThan(measured?.value ?? NaN)
    }
  })

  test('is invalid when the load was cut short', () => {
    expect(gateOf({ ...sample, status: 'partial' })).toMatchObject({ status: 'invalid' })
  })

  test('is none where nobody set a threshold, and one that stands twice is judged once', () => {
    expect(gateOf({ ...sample, thresholds: [] })).toBeNull()
    const [own] = sample.thresholds
    const again = withThresholds(sample, { [own?.metric ?? '']: [own?.expression ?? ''] })
    expect(again.thresholds).toEqual(sample.thresholds)
  })
})
