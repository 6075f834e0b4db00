import { describe, expect, test } from 'vitest'
import { expectedQuantileMs } from './expected.ts'

const schedule = { ratePerSec: 400, seconds: 10 }

describe('the analytic truth of a schedule', () => {
  test('is the delay where it is fixed', () => {
    expect(expectedQuantileMs({ kind: 'fixed', delayMs: 20 }, schedule, 0.5)).toBe(20)
    expect(expectedQuantileMs({ kind: 'fixed', delayMs: 20 }, schedule, 0.99)).toBe(20)
  })

  test('goes from fast to slow where the share of slow requests begins', () => {
    const bimodal = { kind: 'bimodal', fastMs: 5, slowMs: 80, slowEvery: 10 } as const
    expect([0.5, 0.9, 0.901, 0.95].map((q) => expectedQuantileMs(bimodal, schedule, q))).toEqual([
      5, 5, 80, 80,
    ])
  })

  test('of a stall of 3 s in 10 s: 5 % of all requests wait for 2.5 s and more, 1 % for 2.9 s', () => {
    const stall = { kind: 'stall', delayMs: 5, fromMs: 3500, untilMs: 6500 } as const
    expect(expectedQuantileMs(stall, schedule, 0.95)).toBe(2500)
    expect(expectedQuantileMs(stall, schedule, 0.99)).toBe(2900)
    expect(expectedQuantileMs(stall, schedule, 0.7)).toBe(5)
    expect(expectedQuantileMs(stall, schedule, 1)).toBe(3000)
  })

  test('leaves out what is closed without an answer', () => {
    const closing = { kind: 'closing', delayMs: 5, closeEvery: 2 } as const
    expect(expectedQuantileMs(closing, schedule, 1)).toBe(5)
  })
})
