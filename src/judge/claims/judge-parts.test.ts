import { describe, expect, test } from 'vitest'
import { judgeParts } from './judge-parts.ts'

describe('judgeParts', () => {
  test.each([
    [['confirmed', 'confirmed'], 'confirmed'],
    [['refuted', 'refuted'], 'refuted'],
    [['inconclusive', 'inconclusive'], 'inconclusive'],
    [['not-measured', 'not-measured'], 'not-measured'],
    [['partly'], 'partly'],
    [['confirmed', 'refuted'], 'partly'],
    [['confirmed', 'not-measured'], 'partly'],
    [['partly', 'inconclusive'], 'partly'],
    [['refuted', 'inconclusive'], 'inconclusive'],
    [['refuted', 'not-measured'], 'inconclusive'],
    [[], 'not-measured'],
  ] as const)('%j is %s', (words, word) => {
    expect(judgeParts(words)).toBe(word)
  })
})
