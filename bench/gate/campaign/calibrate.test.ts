import { describe, expect, test } from 'vitest'
import { slowdownSize } from './calibrate.ts'
import type { CalibrationRecord } from '../records/records.ts'

const tried = (
  ...pairs: readonly (readonly [size: number, effect: number])[]
): readonly CalibrationRecord[] =>
  pairs.map(([size, effect]) => ({
    kind: 'calibration',
    settings: '',
    startedAt: '',
    condition: 'idle',
    slowdown: 'delay',
    operations: [{ id: 'Q1', size, ratio: Math.exp(effect), low: 1, high: 2, rounds: 10 }],
  }))

describe('the size of a slowdown', () => {
  test('is tried far apart at first', () => {
    expect(slowdownSize([], 'delay', 'Q1')).toBeCloseTo(0.6 * 0.09)
    expect(slowdownSize(tried([0.054, 0.06]), 'delay', 'Q1')).toBeCloseTo(1.4 * 0.09)
  })

  test('then lies where the line through what was measured reaches +10 %', () => {
    const line = (size: number): readonly [number, number] => [size, 0.01 + 0.9 * size]
    const size = slowdownSize(tried(line(0.054), line(0.126), line(0.08)), 'delay', 'Q1')
    expect(0.01 + 0.9 * size).toBeCloseTo(Math.log(1.1), 10)
  })

  test('does not follow a flat or falling line to nowhere', () => {
    for (const effect of [0.05, 0.04, 0.2]) {
      const size = slowdownSize(tried([0.054, 0.05], [0.126, effect]), 'delay', 'Q1')
      expect(size).toBeGreaterThanOrEqual(0.045)
      expect(size).toBeLessThanOrEqual(0.18)
    }
  })
})
