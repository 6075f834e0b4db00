import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import { asBaseline, saySame, serializeBaseline } from './baseline-file.ts'
import { parseRun } from '../read.ts'
import type { Run } from '../run.ts'

const run = sampleRun()
const baseline = asBaseline(run)

describe('a baseline', () => {
  test('is a Run that every reader accepts, without times', () => {
    const text = serializeBaseline(baseline)
    expect(parseRun(text, 'baseline.json')).toEqual(JSON.parse(text))
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(baseline)))
    expect(baseline.scenarios.flatMap(({ timings }) => timings)).toEqual([])
  })

  test('has a line for each operation on a variant, and for each table and index', () => {
    const lines = serializeBaseline(baseline).split('\n')
    const [scenario] = baseline.scenarios
    expect(lines.filter((line) => line.includes('"fingerprint":'))).toHaveLength(
      scenario?.evidence.length ?? 0,
    )
    expect(lines.filter((line) => line.includes('"pages":'))).toHaveLength(
      scenario?.variants.flatMap(({ objects }) => objects).length ?? 0,
    )
  })
})

describe('two baselines say the same', () => {
  test('when only time, place and the order of keys differ', () => {
    const later: Run = {
      ...JSON.parse(serializeBaseline(baseline)),
      id: 'later',
      startedAt: '2027-01-01T00:00:00.000Z',
      forgebench: '9.9.9',
      environment: { ...baseline.environment, cpuModel: 'another', node: '24.0.0' },
    } as Run
    const { scenarios, ...head } = later
    expect(saySame(baseline, { scenarios, ...head })).toBe(true)
  })

  test('but not when a counter, the engine or the scale differs', () => {
    const [scenario] = baseline.scenarios
    const [first, ...others] = scenario?.evidence ?? []
    if (scenario === undefined || first === undefined) throw new Error('the sample is empty')
    const step = { ...first, counters: { ...first.counters, vmSteps: (first.counters.vmSteps ?? 0) + 1 } }
    const engine = { ...baseline.environment.engine, sqlite: '3.46.1' }
    for (const other of [
      { ...baseline, scenarios: [{ ...scenario, evidence: [step, ...others] }] },
      { ...baseline, environment: { ...baseline.environment, engine } },
      { ...baseline, settings: { ...baseline.settings, scale: 0.2 } },
    ]) {
      expect(saySame(baseline, other)).toBe(false)
    }
  })
})
