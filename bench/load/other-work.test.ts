import { describe, expect, test } from 'vitest'
import { otherWorkBetween, parseCpuLine } from './other-work.ts'

describe('other work on the machine', () => {
  test('is read from the first line of /proc/stat: idle and waiting are no work, stolen time is apart', () => {
    const stat = 'cpu  1000 50 300 9000 70 20 30 400 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n'
    expect(parseCpuLine(stat)).toEqual({ busySeconds: 14, stolenSeconds: 4 })
  })

  test('is all work but our own, in processors', () => {
    const start = { atMs: 1000, busySeconds: 100, stolenSeconds: 5, ownSeconds: 20 }
    const end = { atMs: 11_000, busySeconds: 115, stolenSeconds: 6, ownSeconds: 28 }
    expect(otherWorkBetween(start, end)).toEqual({ others: 0.7, stolen: 0.1 })
  })

  test('is never less than none', () => {
    const start = { atMs: 0, busySeconds: 0, stolenSeconds: 0, ownSeconds: 0 }
    const end = { atMs: 1000, busySeconds: 1, stolenSeconds: 0, ownSeconds: 1.02 }
    expect(otherWorkBetween(start, end).others).toBe(0)
  })
})
