import { describe, expect, test } from 'vitest'
import {
  formatBytes,
  formatChange,
  formatClaimed,
  formatConfidence,
  formatCount,
  formatDecimal,
  formatDelta,
  formatInteger,
  formatNs,
  formatRatio,
  formatShare,
} from './number-format.ts'

test('what somebody chose is shown with the decimals that it has, a count with every digit', () => {
  expect([3, 2.5, 0.1, 12_345.678].map(formatDecimal)).toEqual(['3', '2.5', '0.1', '12,345.68'])
  expect([0, 7, 1234567].map(formatInteger)).toEqual(['0', '7', '1,234,567'])
})

describe('units are chosen for the eye', () => {
  test.each([
    [210, '0.210 µs'],
    [31_700, '31.7 µs'],
    [999_400, '999 µs'],
    [999_600, '1.00 ms'],
    [9_594_000, '9.59 ms'],
    [12_345_000_000, '12.3 s'],
    [0, '0 µs'],
    [-1500, '−1.50 µs'],
  ])('%d ns is %s', (ns, text) => expect(formatNs(ns)).toBe(text))

  test.each([
    [512, '512 B'],
    [4096, '4.10 kB'],
    [15_466_496, '15.5 MB'],
    [2_000_000_000, '2.00 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  test.each([
    [207, '207'],
    [2299, '2,299'],
    [11_020, '11.0k'],
    [4_400_000, '4.40M'],
    [2.5, '2.50'],
  ])('a count of %d is %s', (count, text) => expect(formatCount(count)).toBe(text))
})

describe('ratios and changes show their interval', () => {
  test.each([
    [{ estimate: 0.21, low: 0.19, high: 0.234 }, '0.21× [0.19, 0.23]'],
    [{ estimate: 22.31, low: 22.2, high: 22.4 }, '22.3× [22.2, 22.4]'],
    [{ estimate: 0.0123, low: 0.011, high: 0.013 }, '0.012× [0.011, 0.013]'],
    [{ estimate: 150, low: 140, high: 160 }, '150× [140, 160]'],
    [{ estimate: 0.21, low: 0.2091, high: 0.2109 }, '0.210× [0.209, 0.211]'],
  ])('%j', (interval, text) => expect(formatRatio(interval)).toBe(text))

  test.each([
    [{ estimate: -0.79, low: -0.81, high: -0.77 }, '−79 % [−81, −77]'],
    [{ estimate: -0.017, low: -0.03, high: 0.003 }, '−1.7 % [−3.0, +0.3]'],
    [{ estimate: 3.8, low: 3.7, high: 3.84 }, '+380 % [+370, +384]'],
    [{ estimate: -0.404, low: -0.404, high: -0.404 }, '−40.4 %'],
  ])('%j', (change, text) => expect(formatChange(change)).toBe(text))

  test('a claim is shown as it was made', () => {
    expect(formatClaimed({ from: -0.5, to: -0.7 })).toBe('−50 to −70 %')
    expect(formatClaimed({ from: 1, to: 1 })).toBe('+100 %')
    expect(formatClaimed({ from: -0.125, to: -0.125 })).toBe('−12.5 %')
  })

  test('a small difference keeps its sign, none has no sign', () => {
    expect(formatShare(0.081)).toBe('+8.1 %')
    expect(formatDelta(-4096, formatBytes)).toBe('−4.10 kB')
    expect(formatDelta(0, formatBytes)).toBe('±0')
  })

  test('confidence is rounded down, never up', () => expect(formatConfidence(0.98999)).toBe('98.9 %'))
})
