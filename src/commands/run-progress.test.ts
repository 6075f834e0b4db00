import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EngineEvent } from '../engine/experiment/event.ts'
import { runProgress } from './run-progress.ts'

const clear = '\r\u001b[2K'
let nowMs = 0
let text = ''

beforeEach(() => {
  nowMs = 5_000_000
  text = ''
  vi.stubEnv('CI', undefined)
})
afterEach(() => vi.unstubAllEnvs())

/** Progress on a terminal, or in a pipe. */
function progress(terminal: boolean): ReturnType<typeof runProgress> {
  const stream = { isTTY: terminal, write: (written: string) => ((text += written), true) }
  return runProgress(stream as unknown as NodeJS.WriteStream, () => nowMs)
}
const timing = (done: number): EngineEvent => ({
  kind: 'progress',
  scenario: 's',
  step: 'timing',
  done,
  total: 7,
})
const seeding = (rowsDone: number): EngineEvent => ({ kind: 'seeding', rowsDone, rowsTotal: 340_000 })
const step: EngineEvent = { kind: 'step', scenario: 's', step: 'timing' }

describe('progress in a pipe', () => {
  test('is a plain line an event, with the time since the start', () => {
    const { listen, end } = progress(false)
    listen({ kind: 'scenario', id: 's', title: 'Does it help?' })
    nowMs += 61_000
    listen(step)
    nowMs += 3_539_000
    listen(timing(3))
    end()
    expect(text).toBe('0:00  s: Does it help?\n1:01  s: timing\n60:00  s: timing 3/7\n')
  })

  test('says nothing twice in a row', () => {
    const { listen } = progress(false)
    for (const event of [step, step, timing(1), timing(1), step]) listen(event)
    expect(text.trim().split('\n')).toEqual(['0:00  s: timing', '0:00  s: timing 1/7', '0:00  s: timing'])
  })

  test('tells of seeding ten times, not a thousand', () => {
    const { listen } = progress(false)
    for (let rows = 1; rows <= 1000; rows++) listen(seeding(rows * 340))
    expect(text.trim().split('\n')).toHaveLength(11)
    expect(text).toMatch(/seeding 340,000 of 340,000 rows\n$/)
  })
})

describe('progress on a terminal', () => {
  test('is one line that changes, and is gone at the end', () => {
    const { listen, end } = progress(true)
    listen(timing(1))
    listen(timing(2))
    end()
    expect(text).toBe(`${clear}0:00  s: timing 1/7${clear}0:00  s: timing 2/7${clear}`)
  })

  test('moves with every batch of seeded rows', () => {
    const { listen } = progress(true)
    for (const rows of [1, 2, 3]) listen(seeding(rows))
    expect(text.split(clear)).toHaveLength(4)
  })

  test('keeps warnings on lines of their own', () => {
    const { listen } = progress(true)
    listen(timing(1))
    listen({ kind: 'warning', scenario: 's', message: 'little to delete' })
    listen(timing(1))
    expect(text).toBe(
      `${clear}0:00  s: timing 1/7${clear}warning: s: little to delete\n${clear}0:00  s: timing 1/7`,
    )
  })

  test('is plain in CI, terminal or not', () => {
    vi.stubEnv('CI', 'true')
    const { listen, end } = progress(true)
    listen(timing(1))
    end()
    expect(text).toBe('0:00  s: timing 1/7\n')
  })
})
