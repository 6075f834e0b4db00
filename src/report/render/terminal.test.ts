import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import { judgeScenarios } from '../../judge/judge-run.ts'
import type { Run, ScenarioRun } from '../../run/run.ts'
import { reportDocument } from '../run/report-document.ts'
import { renderTerminal } from './terminal.ts'

const terminal = (run: Run, width?: number): string =>
  renderTerminal(reportDocument(run, judgeScenarios(run), 'brief'), {
    color: false,
    ...(width === undefined ? {} : { width }),
  })

const changed = (change: (scenario: ScenarioRun) => Partial<ScenarioRun>, run = sampleRun()): Run => ({
  ...run,
  scenarios: run.scenarios.map((scenario) => ({ ...scenario, ...change(scenario) })),
})

const linesOf = (text: string): readonly string[] => text.split('\n')

describe('renderTerminal', () => {
  test('shows the sample as committed', async () => {
    await expect(terminal(sampleRun())).toMatchFileSnapshot('../../../fixtures/runs/sample.terminal.txt')
  })

  test.each([200, 120, 100, 80, 60])('fits into %d columns', (width) => {
    const longest = Math.max(...linesOf(terminal(sampleRun(), width)).map((line) => line.length))
    expect(longest).toBeLessThanOrEqual(width)
  })

  test('has no control characters without colour, and only colours with it', () => {
    const run = sampleRun()
    const colored = renderTerminal(reportDocument(run, judgeScenarios(run), 'brief'), {
      color: true,
      width: 120,
    })
    const escape = String.fromCodePoint(27)
    expect(terminal(run, 120)).not.toContain(escape)
    expect(colored.replaceAll(new RegExp(String.raw`${escape}\[\d+m`, 'g'), '')).toBe(terminal(run, 120))
  })

  test('shows rows without statistics where their plan is another, and names those it leaves out', () => {
    const lines = linesOf(terminal(sampleRun()))
    expect(lines.filter((line) => line.trimStart().startsWith('baseline:no-stats  '))).toHaveLength(1)
    expect(lines.find((line) => line.startsWith('left out'))).toContain(
      'baseline:no-stats, composite:no-stats',
    )
  })

  test('says what is missing when one round was measured', () => {
    const text = terminal(sampleRun({ rounds: 1 }))
    expect(text).toContain('(1 round)')
    expect(text).toContain('C2 inconclusive')
    expect(text).toContain('too few for an interval')
  })

  test('shows evidence and sizes of a run without timings, and no verdict on time', () => {
    const text = terminal(changed(() => ({ timings: [], complete: false })))
    expect(text).toContain('not timed')
    expect(text).toContain('INTERRUPTED')
    expect(text).toContain('C1 not-measured')
    expect(text).toContain('Size and build')
  })

  test('says PARTIAL at the beginning and at the end of a partial run', () => {
    const lines = linesOf(terminal({ ...sampleRun(), status: 'partial' }).trimEnd())
    expect(lines.findIndex((line) => line.startsWith('PARTIAL RUN'))).toBeLessThan(3)
    expect(lines.at(-1)).toContain('PARTIAL RUN')
  })

  test('does without a variant that was not measured', () => {
    const gone = 'composite'
    const text = terminal(
      changed(({ variants, timings, evidence }) => ({
        variants: variants.filter(({ id }) => id !== gone),
        timings: timings.filter(({ variant }) => variant !== gone),
        evidence: evidence.filter(({ variant }) => variant !== gone),
      })),
    )
    expect(text).toContain('variant composite was not measured')
  })

  test('says so when nothing was measured', () => {
    expect(terminal({ ...sampleRun(), scenarios: [] })).toContain('No scenario was measured.')
  })

  test('shows p99 where a round has the samples for it', () => {
    const heads = (run: Run): readonly string[] =>
      terminal(run, 200)
        .split('\n')
        .filter((line) => line.includes('p95 ratio'))
    for (const head of heads(sampleRun())) expect(head).not.toContain('p99')
    for (const head of heads(sampleRun({ samplesPerSlice: 700 }))) expect(head).toContain('p99')
  })
})
