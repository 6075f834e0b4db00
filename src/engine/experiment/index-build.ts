import { monotonicClock, type Clock } from '../../measure/clock.ts'
import { NativeConnection } from '../../target/native.ts'

/** An index to build again: its name and its CREATE INDEX statement. */
export interface IndexDefinition {
  readonly name: string
  readonly sql: string
}

export interface IndexBuildTask {
  /** A throw-away clone. */
  readonly path: string
  readonly indexes: readonly IndexDefinition[]
  readonly repetitions: number
}

export interface IndexBuild {
  readonly index: string
  /** One entry a repetition. */
  readonly buildNs: readonly number[]
}

/** Drops and creates each index again, round after round, and times the CREATE with its commit. */
export async function buildIndexes(
  task: IndexBuildTask,
  clock: Clock = monotonicClock,
): Promise<readonly IndexBuild[]> {
  const connection = new NativeConnection(task.path)
  const builds = new Map<string, number[]>(task.indexes.map(({ name }) => [name, []]))
  try {
    for (let repetition = 0; repetition < task.repetitions; repetition++) {
      for (const { name, sql } of task.indexes) {
        connection.scriptSync(`DROP INDEX "${name}"`)
        const startNs = clock.nowNs()
        connection.scriptSync(sql)
        builds.get(name)?.push(clock.nowNs() - startNs)
      }
    }
  } finally {
    connection.close()
  }
  return [...builds].map(([index, buildNs]) => ({ index, buildNs }))
}
