import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadProgress } from './progress.ts'

const clear = '\r\u001b[2K'
let text = ''

beforeEach(() => {
  text = ''
  vi.stubEnv('CI', undefined)
})
afterEach(() => vi.unstubAllEnvs())

function progress(terminal: boolean): ReturnType<typeof loadProgress> {
  const stream = { isTTY: terminal, write: (written: string) => ((text += written), true) }
  return loadProgress(stream as unknown as NodeJS.WriteStream, 20)
}
const second = {
  kind: 'second',
  second: 4,
  sent: 1500,
  answered: 1499,
  failed: 2,
  p95Ns: 12_345_678,
} as const

describe('progress of a load', () => {
  test('is a line a second in a pipe, and a line a tenth of what is opened', () => {
    const { listen, end } = progress(false)
    for (let done = 0; done <= 1000; done += 1) listen({ kind: 'step', text: 'opening', done, total: 1000 })
    listen(second)
    listen({ ...second, second: 20, p95Ns: null })
    listen({ kind: 'warning', text: 'a worker is late' })
    end()
    const lines = text.split('\n')
    expect(lines.slice(0, 2)).toEqual(['opening: 0 of 1,000', 'opening: 100 of 1,000'])
    expect(lines.slice(10)).toEqual([
      'opening: 1,000 of 1,000',
      '   5 of 20 s: 1,500 sent, 1,499 answered, 2 failed, P95 12.3 ms',
      // Answers that come after the end belong to its last second.
      '  20 of 20 s: 1,500 sent, 1,499 answered, 2 failed',
      'warning: a worker is late',
      '',
    ])
  })

  test('is one line that changes on a terminal, and warnings stay', () => {
    const { listen, end } = progress(true)
    listen({ kind: 'step', text: 'measuring' })
    listen(second)
    listen({ kind: 'warning', text: 'late' })
    end()
    expect(text).toBe(
      `${clear}measuring${clear}   5 of 20 s: 1,500 sent, 1,499 answered, 2 failed, P95 12.3 ms${clear}warning: late\n${clear}`,
    )
  })
})
