import { describe, expect, test } from 'vitest'
import { sampleComparison } from '../../../fixtures/runs/sample-comparison.ts'
import { judgeRun } from '../../judge/judge-run.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import { parseRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import { formats, type FormatName } from '../formats.ts'

const show = (run: LoadComparison, format: FormatName): string =>
  formats[format](judgeRun(run), { color: false, width: 140 })

describe('a comparison under load', () => {
  test.each(['terminal', 'markdown'] as const)(
    '%s: is the committed one; vitest -u renews it',
    async (format) => {
      const extension = format === 'terminal' ? 'terminal.txt' : 'markdown.md'
      await expect(show(sampleComparison(), format)).toMatchFileSnapshot(
        `../../../fixtures/runs/sample-comparison.${extension}`,
      )
    },
  )

  test('is the same after it was written and read', () => {
    const run = sampleComparison()
    expect(parseRun(serializeRun(run), 'run.json')).toEqual(run)
  })

  test('says first and last that it must not be used', () => {
    const run = sampleComparison()
    const broken = { ...run, slices: run.slices.map((slice) => ({ ...slice, failed: 500 })) }
    for (const format of ['terminal', 'markdown'] as const) {
      const text = show(broken, format)
      expect(text).toContain('INVALID')
      expect(text).toContain('3,500 of 7,000 requests of review failed on baseline')
      expect(text).toContain('not-measured')
    }
  })

  test('says that it was cut short', () => {
    expect(show({ ...sampleComparison(), status: 'partial' }, 'terminal')).toContain('PARTIAL')
  })

  test('a fixed rate is shown by its P95', () => {
    const run = sampleComparison()
    const model = { kind: 'open-model', ratePerSec: 500, spacing: 'poisson' } as const
    const text = show({ ...run, settings: { ...run.settings, model }, claims: [] }, 'terminal')
    expect(text).toContain('500 req/s, Poisson arrivals')
    expect(text).toContain('P95 of response time')
    expect(text).toContain('  user-list')
  })

  test.each(['hlog', 'csv'] as const)('has no seconds to show as %s', (format) => {
    expect(() => show(sampleComparison(), format)).toThrow('--format terminal or markdown')
  })

  test('damaged columns are refused with the name of the file', () => {
    const run = sampleComparison()
    const ragged = { ...run, slices: [{ failed: 1 }] }
    expect(() => parseRun(JSON.stringify(ragged), 'broken.json')).toThrow('broken.json: not a valid Run')
  })
})
