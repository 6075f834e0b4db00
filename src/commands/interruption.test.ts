import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)

beforeEach(() => {
  // A command is interrupted once in its life.
  vi.resetModules()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(name)
  vi.clearAllMocks()
})

const listen = async (): Promise<AbortSignal> => (await import('./interruption.ts')).interruptSignal()

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'the first %s asks the command to save what it has, and the second ends everything',
  async (name) => {
    const signal = await listen()
    expect(signal.aborted).toBe(false)
    process.emit(name, name)
    expect(signal.aborted).toBe(true)
    expect(exit).not.toHaveBeenCalled()
    process.emit(name, name)
    expect(exit).toHaveBeenCalledExactlyOnceWith(130)
  },
)

test('a command that saves nothing within five seconds is ended, and says so', async () => {
  const signal = await listen()
  process.emit('SIGTERM', 'SIGTERM')
  expect(signal.aborted).toBe(true)
  vi.advanceTimersByTime(4_999)
  expect(exit).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(exit).toHaveBeenCalledExactlyOnceWith(130)
  expect(said).toHaveBeenLastCalledWith('forgebench: stopped after 5 s; what was not saved by then is lost\n')
})
