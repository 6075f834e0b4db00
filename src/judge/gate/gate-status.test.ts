import { describe, expect, test } from 'vitest'
import { otherFindings } from '../../../fixtures/runs/failing-gate.ts'
import type { GateFinding, GateStatus } from '../../run/gate/gate-verdict.ts'
import { gateVerdict, joinVerdicts } from './gate-status.ts'

const [sample] = otherFindings
const found = (status: GateStatus, reason = ''): GateFinding => {
  if (sample === undefined) throw new Error('there are samples')
  return { ...sample, status, reason }
}

describe('gateVerdict', () => {
  test('is the worst of its findings, which come worst first and else as they were', () => {
    const verdict = gateVerdict([
      found('pass'),
      found('inconclusive', 'first'),
      found('fail'),
      found('inconclusive', 'second'),
      found('improved'),
    ])
    expect(verdict.status).toBe('fail')
    expect(verdict.findings.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual([
      'fail',
      'inconclusive first',
      'inconclusive second',
      'improved',
      'pass',
    ])
  })

  test('of nothing is invalid, never green', () => {
    expect(gateVerdict([])).toEqual({ status: 'invalid', findings: [], notes: ['nothing was judged'] })
  })
})

describe('joinVerdicts', () => {
  test('of one is that one', () => {
    const one = gateVerdict([found('pass')], ['a note'])
    expect(joinVerdicts([one])).toBe(one)
  })

  test('is the worst of several, with the findings of all and each note once', () => {
    const verdict = joinVerdicts([
      gateVerdict([found('pass')], ['a note']),
      gateVerdict([found('improved'), found('inconclusive')], ['a note', 'another']),
    ])
    expect(verdict).toMatchObject({ status: 'inconclusive', notes: ['a note', 'another'] })
    expect(verdict.findings.map(({ status }) => status)).toEqual(['inconclusive', 'improved', 'pass'])
  })

  test('stays invalid where one judged nothing, though it adds no finding', () => {
    expect(joinVerdicts([gateVerdict([found('pass')]), gateVerdict([])]).status).toBe('invalid')
  })
})
