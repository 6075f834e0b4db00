import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table'
import { expect, test } from 'vitest'
import { anyGate } from '../../../fixtures/runs/any-gate.ts'
import { failingGate } from '../../../fixtures/runs/failing-gate.ts'
import { gateVerdict } from '../../judge/gate/gate-status.ts'
import { tellingFindings } from '../gate/gate-document.ts'
import { githubSummary, summaryBytes } from './github-summary.ts'

const html = (markdown: string): string =>
  micromark(markdown, {
    extensions: [gfmTable()],
    htmlExtensions: [gfmTableHtml()],
    allowDangerousHtml: true,
  })

/** Rows of the only table, as HTML of their cells; the first is the header. */
function rows(markdown: string): readonly (readonly string[])[] {
  const rowTexts = html(markdown).match(/<tr>.*?<\/tr>/gsu) ?? []
  return rowTexts.map((row) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gsu)].map(([, cell = '']) => cell),
  )
}

test('the summary of a failing gate says the status first, then the findings, worst first', () => {
  const summary = githubSummary(failingGate())
  expect(summary.split('\n')[0]).toBe(
    '## gate indexes/sample: variant:baseline against variant:composite · invalid',
  )
  const [header, ...body] = rows(summary)
  expect(header?.[0]).toBe('verdict')
  expect(body.map(([word]) => word?.replaceAll(/<[^>]+>/g, ''))).toEqual(
    failingGate().verdict.findings.map(({ status }) => status),
  )
  expect(html(summary)).toContain('indexes/sample/Q1 p95 (variant:baseline): p95 +377 % [+339, +406]')
})

test('what does not fit is left out from the end, and counted', () => {
  const report = failingGate()
  const [first] = report.verdict.findings
  if (first === undefined) throw new Error('there are findings')
  const many = Array.from({ length: 5000 }, (_, i) => ({ ...first, operation: `Q${i} ${'<'.repeat(300)}` }))
  const summary = githubSummary({ ...report, verdict: gateVerdict(many) })
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(summaryBytes)
  const shown = summary.split('\n').filter((line) => line.startsWith('| **')).length
  expect(shown).toBeGreaterThan(100)
  expect(summary).toContain(`${(5000 - shown).toString()} more findings did not fit`)
  expect(githubSummary(report, 10)).toBe('')
})

test('many findings that are exactly as before are counted', () => {
  const report = failingGate()
  const same = report.verdict.findings.find(({ kind, status }) => kind === 'counter' && status === 'pass')
  if (same === undefined) throw new Error('there is one')
  const many = Array.from({ length: 40 }, (_, i) => ({ ...same, operation: `Q${i}` }))
  const summary = githubSummary({ ...report, verdict: gateVerdict(many) })
  expect(rows(summary)).toEqual([])
  expect(summary).toContain('40 findings are exactly as before.')
})

test('any strings leave a table of as many rows as findings, with seven cells each and no markup of theirs', () => {
  fc.assert(
    fc.property(anyGate, (report) => {
      const summary = githubSummary(report)
      const { shown: findings } = tellingFindings(report.verdict.findings)
      const table = rows(summary)
      expect(table).toHaveLength(findings.length === 0 ? 0 : findings.length + 1)
      for (const cells of table) {
        expect(cells).toHaveLength(7)
        // Nothing but the words' own emphasis.
        expect(cells.join('').replaceAll(/<\/?strong>/g, '')).not.toMatch(/<[a-z!/]/i)
      }
    }),
  )
})
