import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atMost } from './at-most.ts'

describe('atMost', () => {
  test('gives every result in the order of the tasks, with no more under way than allowed', async () => {
    const waits = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 9 })
    await fc.assert(
      fc.asyncProperty(waits, fc.integer({ min: 1, max: 4 }), async (tasks, limit) => {
        let underWay = 0
        let most = 0
        const results = await atMost(limit, [...tasks.entries()], async ([index, waitMs]) => {
          most = Math.max(most, ++underWay)
          await setTimeout(waitMs)
          underWay--
          return `${index}:${waitMs}`
        })
        expect(results).toEqual(tasks.map((waitMs, index) => `${index}:${waitMs}`))
        expect(most).toBe(Math.min(limit, tasks.length))
      }),
      { numRuns: 25 },
    )
  })

  test('keeps undefined among the results', async () => {
    expect(await atMost(2, [1, 2, 3], async () => undefined)).toEqual([undefined, undefined, undefined])
  })

  test('starts nothing after a failure, waits for what is under way, and throws the first failure', async () => {
    const log: string[] = []
    const work = atMost(2, ['slow', 'fails', 'never', 'never'], async (task) => {
      log.push(`${task} starts`)
      if (task === 'fails') throw new Error('first')
      await setTimeout(5)
      log.push(`${task} ends`)
      throw new Error('second')
    })
    await expect(work).rejects.toThrow('first')
    expect(log).toEqual(['slow starts', 'fails starts', 'slow ends'])
  })
})
