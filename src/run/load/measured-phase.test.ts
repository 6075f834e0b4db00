import { expect, test } from 'vitest'
import { sampleLoadRun } from '../../../fixtures/runs/sample-load-run.ts'
import { measuredPhase, shareOfLoad } from './measured-phase.ts'

const run = sampleLoadRun()

test.each([
  [3, 25, { fromSecond: 3, endSecond: 25 }],
  [2.4, 25, { fromSecond: 3, endSecond: 25 }],
  [3, 12.5, { fromSecond: 3, endSecond: 12.5 }],
  [3, 26.2, { fromSecond: 3, endSecond: 25 }],
  [3, 1, { fromSecond: 3, endSecond: 3 }],
])('after a warm-up of %d s, of %d s driven, the measured phase is %j', (warmUpSeconds, seconds, phase) => {
  const { settings, measurement } = run
  const of = { ...run, settings: { ...settings, warmUpSeconds }, measurement: { ...measurement, seconds } }
  expect(measuredPhase(of)).toEqual(phase)
})

test.each([
  [undefined, 1],
  ['0:1/3', 1 / 3],
  ['1/3:2/3', 1 / 3],
  ['25%:50%', 0.25],
  ['0.5:1', 0.5],
  ['1/4', 0.25],
  ['nonsense', 1],
])('the segment %s is a share of %d of the load', (segment, share) => {
  const measurement = { ...run.measurement, ...(segment === undefined ? {} : { segment }) }
  expect(shareOfLoad({ measurement })).toBeCloseTo(share, 12)
})
