import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../core/child-environment.ts'
import { sourceLoader } from '../../core/source-loader.ts'
import type { LoadRun } from '../../run/load/load-run.ts'

/** What a watcher is asked, once: what it saw between two moments, in milliseconds since 1970. */
export interface WatchedStretch {
  readonly fromMs: number
  readonly toMs: number
}

export interface HostWatch {
  /** Ends the watch and says what was seen in a stretch of it; null when the watcher died. */
  readonly stop: (stretch: WatchedStretch) => Promise<LoadRun['host']>
  readonly kill: () => void
}

const entry = fileURLToPath(new URL(`./host-watcher.process${import.meta.url.slice(-3)}`, import.meta.url))

/** Starts a small process that watches how the children of this process contend for processors. */
export function watchHost(): HostWatch {
  const child = fork(entry, [], {
    execArgv: sourceLoader(entry),
    env: childEnvironment(),
    // On Ctrl-C it must go on until it is asked.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = new Promise<null>((resolve) => {
    child.once('exit', () => resolve(null))
    child.once('error', () => resolve(null))
  })
  return {
    stop: async (stretch) => {
      const seen = new Promise<LoadRun['host']>((resolve) => child.once('message', resolve))
      if (child.connected) child.send(stretch)
      return Promise.race([seen, gone])
    },
    kill: () => {
      process.removeListener('exit', kill)
      kill()
    },
  }
}
