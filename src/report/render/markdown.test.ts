import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import { judgeScenarios } from '../../judge/judge-run.ts'
import { judgeRun } from '../../judge/judge-run.ts'
import { formats } from '../formats.ts'
import { renderMarkdown } from './markdown.ts'
import { reportDocument } from '../run/report-document.ts'

const run = sampleRun()
const text = renderMarkdown(reportDocument(run, judgeScenarios(run), 'full'))
const tableLines = text.split('\n').filter((line) => line.startsWith('|'))

describe('renderMarkdown', () => {
  test('shows the sample as committed', async () => {
    await expect(text).toMatchFileSnapshot('../../../fixtures/runs/sample.markdown.md')
  })

  test('escapes pipes, so that every row of a table has as many cells as its head', () => {
    expect(text).toContain(String.raw`three \| composite indexes`)
    let cells = 0
    text.split('\n').forEach((line, i, lines) => {
      const count = line.replaceAll(String.raw`\|`, '').split('|').length
      if (!line.startsWith('|')) return
      if (!lines[i - 1]?.startsWith('|')) cells = count
      expect(count, line).toBe(cells)
    })
    expect(tableLines.length).toBeGreaterThan(20)
  })

  test('escapes what Markdown and HTML would swallow', () => {
    const [scenario] = run.scenarios
    if (scenario === undefined) throw new Error('the sample has a scenario')
    const odd = { ...run, scenarios: [{ ...scenario, warnings: ['<b> & *stars* [x](y)'] }] }
    expect(renderMarkdown(reportDocument(odd, judgeScenarios(odd), 'full'))).toContain(
      String.raw`&lt;b&gt; &amp; \*stars\* \[x\](y)`,
    )
  })

  test('folds full plans away, and says how it was measured', () => {
    expect(text).toContain('<details><summary>Full plans of Q1</summary>')
    expect(text).toContain('USE TEMP B-TREE FOR ORDER BY')
    expect(text).toContain('## How this was measured')
  })

  test('shows every variant in both states of statistics, with its driver', () => {
    expect(tableLines.some((line) => line.includes('composite:no-stats | libsql'))).toBe(true)
    expect(tableLines.some((line) => line.includes('composite-client | @libsql/client'))).toBe(true)
  })

  test('says PARTIAL of a partial run', () => {
    expect(
      renderMarkdown(reportDocument({ ...run, status: 'partial' }, judgeScenarios(run), 'full')),
    ).toContain('**PARTIAL RUN')
  })
})

test.each(['terminal', 'markdown'] as const)(
  'the format %s renders a run and ends with one line break',
  (name) => {
    expect(formats[name](judgeRun(run), { color: false })).toMatch(/[^\n]\n$/)
  },
)

test.each(['hlog', 'csv'] as const)('the format %s is for loads, and says so', (name) => {
  expect(() => formats[name](judgeRun(run))).toThrow(/--format (hlog|csv) shows the seconds of a load/)
})
