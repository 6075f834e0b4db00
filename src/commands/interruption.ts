import { exitCode } from '../core/errors.ts'
import { endAtOnce } from './outcome.ts'

/** What asks a command to stop: Ctrl-C, a stop by the system, a terminal that was closed. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** How long a command may take to save what it has. */
const graceMs = 5_000

const interruption = new AbortController()

/**
 * Aborts at the first signal to stop, so that what was done can be saved. A second signal, or five seconds, end the
 * command and all its children with exit code 130.
 */
export function interruptSignal(): AbortSignal {
  for (const name of stopSignals) {
    if (!process.listeners(name).includes(interrupt)) process.on(name, interrupt)
  }
  return interruption.signal
}

function interrupt(): void {
  if (interruption.signal.aborted) return endAtOnce(exitCode.interrupted)
  process.stderr.write('\nstopping; Ctrl-C again to stop at once and save nothing\n')
  interruption.abort()
  setTimeout(() => {
    process.stderr.write('forgebench: stopped after 5 s; what was not saved by then is lost\n')
    endAtOnce(exitCode.interrupted)
  }, graceMs).unref()
}
