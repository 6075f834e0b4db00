import { describe, expect, test } from 'vitest'
import { sampleGateRun } from '../../../fixtures/runs/sample-gate-run.ts'
import type { GateRun } from '../../run/gate/gate-run.ts'
import { judgeGate } from './gate.ts'

const withSides = (
  baseline: Partial<GateRun['baseline']>,
  candidate: Partial<GateRun['baseline']>,
  run: GateRun = sampleGateRun(),
): GateRun => ({
  ...run,
  baseline: { ...run.baseline, ...baseline },
  candidate: { ...run.candidate, ...candidate },
})
/** The sample with its sides exchanged: what was slower is faster. */
function improved(): GateRun {
  const run = sampleGateRun()
  const other = { baseline: 'candidate', candidate: 'baseline' } as const
  const timings = run.scenario.timings.map((timing) => ({
    ...timing,
    variant: timing.variant === 'baseline' ? other.baseline : other.candidate,
  }))
  return { ...run, scenario: { ...run.scenario, timings } }
}
const words = (run: GateRun): readonly string[] => judgeGate(run).findings.map(({ status }) => status)

describe('sides that are reached differently', () => {
  test.each([
    ['fail', sampleGateRun()],
    ['improved', improved()],
  ])('decide nothing on time where sides that are reached alike say %s', (word, run) => {
    expect(words(run)).toContain(word)
    expect(words(withSides({ source: 'server' }, { source: 'server' }, run))).toEqual(words(run))
    for (const unequal of [
      withSides({ source: 'server' }, { source: 'file' }, run),
      withSides({ source: 'seeded' }, { source: 'server' }, run),
    ]) {
      expect(new Set(words(unequal))).toEqual(new Set(['inconclusive']))
      expect(judgeGate(unequal).findings[0]?.reason).toContain('not judged: one side is a server')
    }
  })
})

test('one side that is analyzed beside one that is not is named in the verdict', () => {
  const notes = (before?: 'analyzed' | 'none', after?: 'analyzed' | 'none') =>
    judgeGate(
      withSides(
        before === undefined ? {} : { statistics: before },
        after === undefined ? {} : { statistics: after },
      ),
    ).notes.filter((note) => note.includes('analyzed'))
  expect(notes('none', 'analyzed')).toEqual([
    expect.stringMatching(/^the candidate is analyzed and the baseline is not: /),
  ])
  expect(notes('analyzed', 'none')).toEqual([
    expect.stringMatching(/^the baseline is analyzed and the candidate is not: /),
  ])
  expect([notes('none', 'none'), notes('analyzed', 'analyzed'), notes('none')]).toEqual([[], [], []])
})
