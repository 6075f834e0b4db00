import type { GuardedClient } from './guarded-client.ts'

const tickMs = 5

interface Opening {
  /** Connections opened a second. */
  readonly perSec: number
  /** Aborted: no more are opened. */
  readonly signal: AbortSignal
  readonly onTick: () => void
  /** Is given what is to be called whenever a connection has been tried for the first time. */
  readonly onTried: (tried: () => void) => void
}

/** Opens connections at a rate; resolves when each was tried once, or the signal aborts. */
export async function openAtRate(
  clients: readonly GuardedClient[],
  { perSec, signal, onTick, onTried }: Opening,
): Promise<void> {
  const beganMs = performance.now()
  let begun = 0
  let untried = clients.length
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearInterval(ticks)
      signal.removeEventListener('abort', done)
      resolve()
    }
    onTried(() => {
      untried -= 1
      if (untried === 0) done()
    })
    const ticks = setInterval(() => {
      const allowed = ((performance.now() - beganMs) / 1000) * perSec
      while (begun < Math.min(allowed, clients.length)) clients[begun++]!.open()
      onTick()
    }, tickMs)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
