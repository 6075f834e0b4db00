import { runInChild } from '../../measure/child-process.ts'

export interface CountRowsTask {
  /** Absolute path of a database file. */
  readonly path: string
  readonly tables: readonly string[]
}

const entry = new URL(`./count-rows.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Counts rows of tables in a process of its own: the driver lets go of a closed connection at the next garbage
 * collection only, and what another process writes meanwhile a second connection here may read amiss.
 * @throws TargetError
 */
export const countRows = (task: CountRowsTask): Promise<Readonly<Record<string, number>>> =>
  runInChild<CountRowsTask, Readonly<Record<string, number>>>(entry, task)
