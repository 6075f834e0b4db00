import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ChildTask } from '../../fixtures/cli/child.process.ts'
import { InterruptedError, InvalidMeasurementError, TargetError, UsageError } from '../core/errors.ts'
import { runInChild } from './child-process.ts'

const entry = new URL('../../fixtures/cli/child.process.ts', import.meta.url)
const ask = (task: ChildTask, signal?: AbortSignal): Promise<unknown> => runInChild(entry, task, signal)

/** Processes of this entry that this test started, from /proc. */
const children = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('child.process')
    } catch {
      return false
    }
  })

describe('a task in a fresh process', () => {
  test('comes back with its result, typed arrays and bigints included', async () => {
    const value = { ns: Float64Array.of(1, 2.5), id: new Uint8Array([1, 2]), big: 2n ** 60n, none: undefined }
    expect(await ask({ ask: 'echo', value })).toEqual(value)
  })

  test('runs in a process of its own each time', async () => {
    const ids = await Promise.all([ask({ ask: 'pid' }), ask({ ask: 'pid' })])
    expect(new Set([...ids, process.pid]).size).toBe(3)
  })

  test.each([
    ['usage', UsageError, 2],
    ['target', TargetError, 5],
    ['invalid', InvalidMeasurementError, 4],
  ] as const)(
    'fails with the class, code and words of the %s error that it threw',
    async (kind, type, exit) => {
      const failure = ask({ ask: 'known failure', kind })
      await expect(failure).rejects.toBeInstanceOf(type)
      await expect(failure).rejects.toMatchObject({
        exit,
        code: 'OUT_OF_TEA',
        message: 'no tea is left; buy some',
      })
    },
  )

  test('that fails by a fault of ours is no fault of the target', async () => {
    const expected = { code: 'CHILD_FAILED', exit: 4, message: 'a programming error' }
    await expect(ask({ ask: 'surprise' })).rejects.toMatchObject(expected)
  })

  test('that finds the disk full says so, as everywhere', async () => {
    const expected = {
      code: 'TARGET_DISK_FULL',
      exit: 5,
      message: expect.stringContaining('the disk is full'),
    }
    await expect(ask({ ask: 'full disk' })).rejects.toMatchObject(expected)
  })

  test.each([
    ['exit', 'a measuring process died (3) RangeError: engine is on fire'],
    ['crash', 'a measuring process died (1) RangeError: thrown behind the back'],
    ['kill', 'a measuring process died (SIGKILL)'],
  ] as const)('that ends by %s is said to have died, with what it complained of', async (how, message) => {
    await expect(ask({ ask: how })).rejects.toMatchObject({ code: 'CHILD_DIED', exit: 5, message })
  })

  test('that its driver ended for a text that is not UTF-8 is the mistake of whoever selects it', async () => {
    await expect(ask({ ask: 'bad text' })).rejects.toMatchObject({
      code: 'TEXT_NOT_UTF8',
      exit: 2,
      message:
        'the driver cannot read a text that is not valid UTF-8; select such a column as CAST(… AS BLOB), or repair its rows',
    })
  })

  test('of a module that is not there is said to have died', async () => {
    const missing = runInChild(new URL('nowhere.process.ts', entry), {})
    await expect(missing).rejects.toMatchObject({
      code: 'CHILD_DIED',
      message: expect.stringMatching(/^a measuring process died \(1\) [^\n]*Cannot find module[^\n]*$/),
    })
  })

  test('is killed when it is interrupted, and leaves nothing behind', async () => {
    const interruption = new AbortController()
    const listeners = process.listenerCount('exit')
    const work = ask({ ask: 'hang' }, interruption.signal)
    await setTimeout(50)
    expect(children()).toHaveLength(1)
    interruption.abort()
    await expect(work).rejects.toBeInstanceOf(InterruptedError)
    expect(children()).toEqual([])
    expect(process.listenerCount('exit')).toBe(listeners)
  })

  test('does not start when it was interrupted before', async () => {
    await expect(ask({ ask: 'pid' }, AbortSignal.abort())).rejects.toBeInstanceOf(InterruptedError)
    expect(children()).toEqual([])
  })
})
