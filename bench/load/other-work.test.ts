import { describe, expect, test } from 'vitest'
import { otherWorkBetween, type Moment } from './other-work.ts'

const moment = (atMs: number, idle: number, stolen: number, ownSeconds: number): Moment => ({
  atMs,
  state: { loadAverage: 0, ticks: { total: atMs / 5, idle, stolen }, cpuPressureUs: null },
  ownSeconds,
})

describe('other work on the machine', () => {
  test('is all work but our own, in processors; stolen time is apart', () => {
    // Ten seconds of two processors: 4 s idle, 1 s stolen, 8 s ours.
    const { others, stolen } = otherWorkBetween(moment(0, 0, 0, 20), moment(10_000, 400, 100, 28), 2)
    expect(others).toBeCloseTo(0.7)
    expect(stolen).toBeCloseTo(0.1)
  })

  test('is never less than none', () => {
    expect(otherWorkBetween(moment(0, 0, 0, 0), moment(1000, 100, 0, 1.02), 2).others).toBe(0)
  })
})
