import { describe, expect, test } from 'vitest'
import type { Row } from '../target/connection.ts'
import type { Clock } from './clock.ts'
import { timeSlice, timeTransactions } from './slice.ts'

/** A clock that stands still until somebody works. */
function workingClock(): Clock & { work(ns: number): void; readonly readings: number } {
  let now = 1_000
  let readings = 0
  return {
    nowNs: () => (readings++, now),
    work: (ns) => void (now += ns),
    get readings() {
      return readings
    },
  }
}

const tuples = (...values: readonly number[]): readonly Row[] => values.map((value) => [value])

describe.each(['sync', 'async'] as const)('a slice of %s statements', (kind) => {
  test('times each sample exactly and keeps its rows', async () => {
    const clock = workingClock()
    const run = ([ns]: Row): number => {
      clock.work(Number(ns))
      return Number(ns) % 10
    }
    const timed = kind === 'sync' ? { kind, run } : { kind, run: async (args: Row) => run(args) }
    const slice = await timeSlice(timed, tuples(101, 7, 52), clock)
    expect([...slice.durationsNs]).toEqual([101, 7, 52])
    expect([...slice.rows]).toEqual([1, 7, 2])
  })

  test('reads the clock once a sample and once before the first', async () => {
    const clock = workingClock()
    const run = (): number => 0
    const timed = kind === 'sync' ? { kind, run } : { kind, run: async () => run() }
    await timeSlice(timed, tuples(1, 2, 3, 4, 5), clock)
    expect(clock.readings).toBe(6)
  })

  test('of no arguments has no samples', async () => {
    const timed = kind === 'sync' ? { kind, run: () => 1 } : { kind, run: async () => 1 }
    const slice = await timeSlice(timed, [], workingClock())
    expect(slice).toEqual({ durationsNs: new Float64Array(0), rows: new Int32Array(0) })
  })

  test('fails as its statement fails', async () => {
    const fail = (): number => {
      throw new RangeError('no such row')
    }
    const timed = kind === 'sync' ? { kind, run: fail } : { kind, run: async () => fail() }
    await expect(timeSlice(timed, tuples(1), workingClock())).rejects.toThrow('no such row')
  })

  test('takes a whole transaction for one sample', async () => {
    const clock = workingClock()
    const run = (argsList: readonly Row[]): number => {
      for (const [ns] of argsList) clock.work(Number(ns))
      return argsList.length
    }
    const timed = kind === 'sync' ? { kind, run } : { kind, run: async (list: readonly Row[]) => run(list) }
    const slice = await timeTransactions(timed, [tuples(10, 20), tuples(5), tuples(1, 2, 3)], clock)
    expect([...slice.durationsNs]).toEqual([30, 5, 6])
    expect([...slice.rows]).toEqual([2, 1, 3])
  })
})

test('an asynchronous sample waits for its answer before the next begins', async () => {
  const clock = workingClock()
  let underWay = 0
  let most = 0
  const run = async (): Promise<number> => {
    most = Math.max(most, ++underWay)
    await Promise.resolve()
    clock.work(9)
    underWay--
    return 1
  }
  const slice = await timeSlice({ kind: 'async', run }, tuples(1, 2, 3), clock)
  expect([...slice.durationsNs]).toEqual([9, 9, 9])
  expect(most).toBe(1)
})
