import { describe, expect, test } from 'vitest'
import { sampleSweepRun } from '../../../fixtures/sweeps/sample-sweep-run.ts'
import type { SweepPartRun } from '../../run/sweep/sweep-run.ts'
import type { PartVerdict } from '../../run/verdict.ts'
import { judgeSweeps } from './judge-sweeps.ts'

const verdictOn = (part: SweepPartRun, rounds = 6): PartVerdict<SweepPartRun> | undefined =>
  judgeSweeps(sampleSweepRun({ rounds, parts: [part] })).sweeps[0]?.claims[0]?.parts[0]

const faster = { measure: 'sweep', metric: 'perSecond', variant: 'eight', versus: 'one' } as const
const held = { measure: 'sweep-limit', metric: 'perSecond', variant: 'eight' } as const

describe('judgeSweeps', () => {
  test('gives every metric at every point a level and a ratio over rounds', () => {
    const [sweep] = judgeSweeps(sampleSweepRun()).sweeps
    const cell = sweep?.cells.find(({ point, metric }) => point === 'eight' && metric === 'perSecond')
    expect(cell?.level).toMatchObject({
      state: 'measured',
      rounds: 6,
      interval: { estimate: expect.closeTo(400, -1), confidence: 1 - 2 / 64 },
    })
    expect(cell?.ratio).toMatchObject({ state: 'measured', interval: { estimate: expect.closeTo(4, 5) } })
    expect(sweep?.cells.find(({ point }) => point === 'one')?.ratio).toBeNull()
  })

  test('leaves the interval out with too few rounds, and the level out with none', () => {
    const [sweep] = judgeSweeps(sampleSweepRun({ rounds: 5 })).sweeps
    expect(sweep?.cells[0]?.level.state).toBe('too-few-rounds')
    const [none] = judgeSweeps(sampleSweepRun({ rounds: 0 })).sweeps
    expect(none?.cells[0]?.level).toEqual({ state: 'nothing' })
    expect(none?.knees).toEqual([{ series: null, point: null, notToldApart: [] }])
  })

  test('finds the knee where throughput divided by latency is greatest', () => {
    // Power: one 100/2, four 300/3, eight 400/8, and its neighbour told apart in six rounds.
    expect(judgeSweeps(sampleSweepRun()).sweeps[0]?.knees).toEqual([
      { series: null, point: 'four', notToldApart: [] },
    ])
    expect(judgeSweeps(sampleSweepRun({ rounds: 3 })).sweeps[0]?.knees[0]?.notToldApart).toHaveLength(2)
  })

  test.each([
    [{ ...faster, claimed: { from: 2, to: 3 } }, 'confirmed'],
    [{ ...faster, claimed: { from: 4, to: 4 } }, 'partly'],
    [{ ...faster, claimed: { from: 9, to: 9 } }, 'refuted'],
    [{ ...faster, metric: 'p95', claimed: { from: -0.5, to: -0.5 } }, 'refuted'],
    [{ ...held, claimed: { atLeast: 300 } }, 'confirmed'],
    [{ ...held, claimed: { atLeast: 3000 } }, 'refuted'],
    [{ ...held, claimed: { atLeast: 402 } }, 'inconclusive'],
    [{ ...held, metric: 'p95', claimed: { atMost: 40 } }, 'confirmed'],
    [{ ...held, metric: 'p95', claimed: { atMost: 4 } }, 'refuted'],
    [{ ...held, metric: 'failed', claimed: { atMost: 0 } }, 'confirmed'],
    [{ ...held, variant: 'one', metric: 'failed', claimed: { atMost: 0 } }, 'confirmed'],
    [{ ...held, metric: 'failed', claimed: { atLeast: 1 } }, 'refuted'],
  ] as const)('judges the claim %j: %s', (part, status) => {
    expect(verdictOn(part)?.status).toBe(status)
  })

  test('shows the level that was held against a limit', () => {
    const measured = verdictOn({ ...held, claimed: { atLeast: 3000 } })?.measured
    expect(measured).toMatchObject({ level: { estimate: expect.closeTo(400, -1) } })
  })

  test('is inconclusive of five rounds, and not measured where a metric is 0 or missing', () => {
    expect(verdictOn({ ...held, claimed: { atLeast: 1 } }, 5)).toMatchObject({
      status: 'inconclusive',
      measured: { state: 'too-few' },
    })
    expect(verdictOn({ ...faster, metric: 'failed', claimed: { from: -0.5, to: -0.5 } })).toMatchObject({
      status: 'not-measured',
      measured: { reason: 'no round gave failed above 0 at eight and one' },
    })
  })
})
