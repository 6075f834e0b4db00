import { describe, expect, test } from 'vitest'
import { campaignSubject, cellAt, slowdownKinds } from './cells.ts'
import { conditions } from '../campaign/condition.ts'

const cells = Array.from({ length: 200 }, (_, index) => cellAt(index))
const count = (of: (cell: (typeof cells)[number]) => boolean): number => cells.filter(of).length

describe('the cells of a campaign', () => {
  test('are enough of each kind in 200 gates', () => {
    expect(count(({ slowdown }) => slowdown === 'none')).toBeGreaterThanOrEqual(100)
    expect(count(({ slowdown }) => slowdown === 'delay')).toBe(count(({ slowdown }) => slowdown === 'sql'))
    expect(count(({ slowdown }) => slowdown === 'delay' || slowdown === 'sql')).toBeGreaterThanOrEqual(60)
    for (const rare of ['held-7', 'held-3', 'stall', 'delay-5'] as const)
      expect(count(({ slowdown }) => slowdown === rare)).toBe(10)
  })

  test('spread each kind over the conditions, and slowdowns over the operations', () => {
    for (const slowdown of slowdownKinds) {
      const each = conditions.map((condition) =>
        count((c) => c.slowdown === slowdown && c.condition === condition),
      )
      expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1)
    }
    for (const slowdown of ['delay', 'sql'] as const) {
      const each = campaignSubject.operations.map((operation) =>
        count((cell) => cell.slowdown === slowdown && cell.operation === operation),
      )
      expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(conditions.length)
    }
  })

  test('slowdown in one operation, or in none', () => {
    for (const { slowdown, operation } of cells) expect(operation === null).toBe(slowdown === 'none')
  })

  test('have seeds of their own, so that gates are independent', () => {
    expect(new Set(cells.map(({ orderSeed }) => orderSeed)).size).toBe(cells.length)
  })
})
