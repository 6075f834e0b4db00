import { describe, expect, test } from 'vitest'
import { campaignSubject, cellAt, plantKinds } from './cells.ts'
import { conditions } from '../campaign/condition.ts'

const cells = Array.from({ length: 200 }, (_, index) => cellAt(index))
const count = (of: (cell: (typeof cells)[number]) => boolean): number => cells.filter(of).length

describe('the cells of a campaign', () => {
  test('are enough of each kind in 200 gates', () => {
    expect(count(({ plant }) => plant === 'none')).toBeGreaterThanOrEqual(100)
    expect(count(({ plant }) => plant === 'delay')).toBe(count(({ plant }) => plant === 'sql'))
    expect(count(({ plant }) => plant === 'delay' || plant === 'sql')).toBeGreaterThanOrEqual(60)
    for (const rare of ['held-7', 'held-3', 'stall', 'delay-5'] as const)
      expect(count(({ plant }) => plant === rare)).toBe(10)
  })

  test('spread each kind over the conditions, and plants over the operations', () => {
    for (const plant of plantKinds) {
      const each = conditions.map((condition) => count((c) => c.plant === plant && c.condition === condition))
      expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1)
    }
    for (const plant of ['delay', 'sql'] as const) {
      const each = campaignSubject.operations.map((operation) =>
        count((cell) => cell.plant === plant && cell.operation === operation),
      )
      expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(conditions.length)
    }
  })

  test('plant in one operation, or in none', () => {
    for (const { plant, operation } of cells) expect(operation === null).toBe(plant === 'none')
  })

  test('have seeds of their own, so that gates are independent', () => {
    expect(new Set(cells.map(({ orderSeed }) => orderSeed)).size).toBe(cells.length)
  })
})
