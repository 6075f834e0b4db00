import { UsageError } from '../../core/errors.ts'

/** The script that is being loaded, as messages show it; undefined between loads. */
export const scriptBeingLoaded = (): string | undefined => beingLoaded

let beingLoaded: string | undefined

const longestLoadMs = 30_000
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Calls code of the user. Should it compute without end, a signal still ends the process: a listener would wait for this
 * thread. A folder that it changes to is left again, for paths on the command line are meant from where that was called.
 */
export function callUserCode<T>(work: () => T): T {
  const restore = letUserCodeRun()
  try {
    return work()
  } finally {
    restore()
  }
}

/** As `callUserCode`, for work that keeps this thread for long between its awaits and has nothing to save. */
export async function whileUserCodeRuns<T>(work: () => Promise<T>): Promise<T> {
  const restore = letUserCodeRun()
  try {
    return await work()
  } finally {
    restore()
  }
}

/** Takes all listeners for signals to stop away. Returns what puts them back, and goes back to the folder of now. */
function letUserCodeRun(): () => void {
  const folder = process.cwd()
  const listeners = stopSignals.map((name) => [name, process.rawListeners(name)] as const)
  for (const [name] of listeners) process.removeAllListeners(name)
  return () => {
    if (process.cwd() !== folder) process.chdir(folder)
    for (const [name, each] of listeners)
      for (const listener of each) process.on(name, listener as () => void)
  }
}

/**
 * Runs `load` while a script's own code runs: one that computes without end must still be ended by a signal, which a
 * listener in this thread would swallow, and one that waits without end is refused.
 */
export async function whileLoading<T>(shown: string, kind: string, load: () => Promise<T>): Promise<T> {
  const restore = letUserCodeRun()
  const before = beingLoaded
  beingLoaded = shown
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([
      load(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          const what = `${shown}: did not finish loading in ${longestLoadMs / 1000} s; await nothing slow at its top level`
          reject(new UsageError(`${kind.toUpperCase()}_SLOW`, what))
        }, longestLoadMs)
        // Without it a script that waits for nothing ends the process, which is noticed at once.
        timer.unref()
      }),
    ])
  } finally {
    clearTimeout(timer)
    beingLoaded = before
    restore()
  }
}
