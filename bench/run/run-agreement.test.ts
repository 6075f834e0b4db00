import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import {
  intervalRecord,
  sliceTable,
  verdictRecord,
  verdictTable,
  type IntervalRecord,
} from './run-agreement.ts'

describe('verdicts of several runs', () => {
  const record = verdictRecord(sampleRun(), 101.2)

  test('stand side by side, with the time that each took', () => {
    expect(record.verdicts).toMatchObject({ C1: 'partly', C2: 'confirmed' })
    const table = verdictTable([record, record])
    expect(table).toContain('| C1 | partly | partly |')
    expect(table).toContain('| seconds | 101 | 101 |')
    expect(table).toContain('Decided in two ways: none. Inconclusive: 0 of 6. Longest: 101 s.')
  })

  test('that were decided in two ways are named; an inconclusive one is no contradiction', () => {
    const other = { ...record, verdicts: { ...record.verdicts, C1: 'inconclusive', C2: 'refuted' } }
    expect(verdictTable([record, other])).toContain('Decided in two ways: C2. Inconclusive: 1 of 6.')
  })
})

describe('intervals of runs with other slices', () => {
  const record = intervalRecord(sampleRun(), 60)
  const levels = Object.keys(record.intervals).filter((name) => !name.includes('ratio'))
  const scaled = (factor: number): IntervalRecord => ({
    ...record,
    sliceMs: 50,
    intervals: Object.fromEntries(
      Object.entries(record.intervals).map(([name, [low, high]]) =>
        levels.includes(name) ? [name, [low * factor, high * factor] as const] : [name, [low, high] as const],
      ),
    ),
  })

  test('of one and the same run all meet', () => {
    expect(Object.keys(record.intervals)).toContain('p95 ratio Q1, composite to baseline')
    expect(sliceTable([record, { ...record, sliceMs: 50 }])).toContain(
      'Other lengths, one run each: 0 (0.0 %)',
    )
  })

  test('that do not meet are counted and named', () => {
    const name = 'p50 Q1 on baseline'
    const moved = { ...record, sliceMs: 50, intervals: { ...record.intervals, [name]: [1, 2] as const } }
    const table = sliceTable([record, moved])
    expect(table).toMatch(/\| 20 ms \| 50 ms \| \d+ \| 1 \(.*\) \| 0 \| .* \| p50 Q1 on baseline \|/)
  })

  test('of a machine that was slower as a whole are disjoint, and meet with its speed taken off', () => {
    const table = sliceTable([record, scaled(10)])
    expect(table).toContain('−90.0 %')
    expect(table).toContain(`| ${levels.length} (`)
    expect(table).toMatch(/with the shared speed taken off 0 \(0.0 %\)/)
  })

  test('of two runs with one length are the control, counted apart', () => {
    const table = sliceTable([record, { ...scaled(10), sliceMs: record.sliceMs }])
    expect(table).toContain('20 ms (control)')
    expect(table).toContain('With the control run: 0 (0.0 %) of 0')
    expect(table).toContain(`The control: ${levels.length} (`)
  })
})
