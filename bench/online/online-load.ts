import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sourceLoader } from '../../src/core/source-loader.ts'

export interface LoadTask {
  /** Path of a file, or URL of a server. */
  readonly db: string
  readonly kind: 'reads' | 'writes'
  readonly ratePerSec: number
}

/** Every operation, in order. */
export interface LoadReport {
  readonly kind: LoadTask['kind']
  /** When it was due, in milliseconds of Unix time. */
  readonly atMs: number[]
  /** From then to its end. */
  readonly latencyMs: number[]
  readonly failures: string[]
  /** Numbers of those that were answered well. */
  readonly acknowledged: number[]
}

const entry = fileURLToPath(new URL('./online-load.process.ts', import.meta.url))

/** Starts a process and waits until it works on a database; what it gives stops it and tells what became of its work. */
export async function startLoad(task: LoadTask): Promise<() => Promise<LoadReport>> {
  const child: ChildProcess = fork(entry, [], { execArgv: sourceLoader(entry) })
  child.send(task)
  await once(child, 'message')
  return async () => {
    child.send('stop')
    const [report] = (await once(child, 'message')) as [LoadReport]
    return report
  }
}
