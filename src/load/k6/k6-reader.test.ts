import { expect, test } from 'vitest'
import { IterationDrift } from './k6-reader.ts'

test('the drift is what iterations took beyond their requests and the connections opened for them', () => {
  const drift = new IterationDrift()
  expect(drift.mean()).toBeUndefined()
  for (const ms of [12, 14]) drift.addIteration(ms)
  for (const ms of [10, 10]) drift.addRequest(ms)
  drift.addConnecting(2)
  expect(drift.mean()).toEqual({ count: 2, meanNs: 13e6, driftNs: 2e6 })
})

test('requests that took longer than the iterations in which they were seen drift by nothing', () => {
  const drift = new IterationDrift()
  drift.addIteration(5)
  drift.addRequest(6)
  expect(drift.mean()).toEqual({ count: 1, meanNs: 5e6, driftNs: 0 })
})
