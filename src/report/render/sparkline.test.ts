import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sparkline } from './sparkline.ts'

test('draws bars from zero to the highest value', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8])).toBe('▁▁▂▃▄▅▆▇█')
})

test('leaves a gap where nothing was measured and a cross where nothing was served', () => {
  expect(sparkline([NaN, 4, Infinity, 8])).toBe(' ▄✕█')
  expect(sparkline([0, 0])).toBe('▁▁')
  expect(sparkline([Infinity])).toBe('✕')
  expect(sparkline([])).toBe('')
})

test('has one character a value, and a higher bar for no lower value', () => {
  const value = fc.double({ min: 0, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const drawn = sparkline(values.toSorted((a, b) => a - b))
      expect(drawn).toHaveLength(values.length)
      expect(drawn.split('').toSorted().join('')).toBe(drawn)
    }),
  )
})
