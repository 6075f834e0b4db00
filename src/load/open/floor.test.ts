import { expect, test } from 'vitest'
import { planOf } from '../../../fixtures/load/send-here.ts'
import { measureFloor } from './floor.ts'

test('the floor is the plan at its own rate against a server that does nothing, and the target is left alone', async () => {
  const plan = planOf('http://127.0.0.1:1', { mix: 'both', connections: 5000, warmUpSeconds: 3 })
  const floor = await measureFloor(plan, new AbortController().signal)
  expect(floor?.ratePerSec).toBe(400)
  expect(floor!.p50Ns).toBeGreaterThan(0)
  expect(floor!.p99Ns).toBeGreaterThanOrEqual(floor!.p50Ns)
})

test('an interrupted floor is none', async () => {
  expect(await measureFloor(planOf('http://127.0.0.1:1'), AbortSignal.abort())).toBeNull()
})
