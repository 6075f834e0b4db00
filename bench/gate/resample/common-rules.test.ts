import { describe, expect, test } from 'vitest'
import { randomSequence } from '../../../src/random/random.ts'
import { mannWhitney, meanWithT, pairedInOneProcess, rankSumZ, ratioAbove } from './common-rules.ts'

const slices = (values: readonly number[]) => ({ p95: values, mean: values })
const random = randomSequence(3)
const noise = (n: number, centre: number): readonly number[] =>
  Array.from({ length: n }, () => centre * (1 + 0.1 * (random() - 0.5)))

describe('common rules', () => {
  test('a ratio is red above its limit alone', () => {
    const rule = ratioAbove(1.1)
    expect(rule(slices([1, 2, 9]), slices([2.1, 2.2, 2.2]))).toBe(false)
    expect(rule(slices([1, 2, 9]), slices([2.3, 2.3, 2.3]))).toBe(true)
  })

  test('Mann-Whitney has the rank sum of the textbook, ties included', () => {
    // Hollander & Wolfe, example 4.1 (permeability of membranes): W = 30 for the 5 of 15, E = 40, var = 66.67.
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    const early = [1.15, 0.88, 0.9, 0.74, 1.21]
    expect(rankSumZ(term, early)).toBeCloseTo((30 - 40) / Math.sqrt(200 / 3), 10)
    // 1 2 2 3: ranks 1, 2.5, 2.5, 4.
    expect(rankSumZ([1, 2], [2, 3])).toBeCloseTo(1.5 / Math.sqrt((4 / 12) * (5 - 6 / 12)), 10)
    expect(mannWhitney(slices(noise(25, 100)), slices(noise(25, 110)))).toBe(true)
    expect(mannWhitney(slices(noise(25, 110)), slices(noise(25, 100)))).toBe(false)
  })

  test('means with t stop at the first difference, whatever comes after', () => {
    const early = noise(60, 100)
    const slowFirst = [...noise(60, 110), ...noise(60, 50)]
    expect(meanWithT(slices([...early, ...early]), slices(slowFirst))).toBe(true)
    expect(meanWithT(slices(noise(60, 110)), slices(early))).toBe(false)
    expect(meanWithT(slices(noise(49, 100)), slices(noise(49, 150)))).toBe(false)
  })

  test('ranks of pairs see what pairs share', () => {
    const shared = Array.from({ length: 25 }, (_, i) => 100 * (1 + i))
    expect(pairedInOneProcess(slices(shared), slices(shared.map((value) => value * 1.05)))).toBe(true)
    expect(mannWhitney(slices(shared), slices(shared.map((value) => value * 1.05)))).toBe(false)
    expect(pairedInOneProcess(slices(shared), slices(shared))).toBe(false)
  })
})
