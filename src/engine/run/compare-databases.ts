import { errorText } from '../../core/error-text.ts'
import { ForgebenchError } from '../../core/errors.ts'
import { streamKey } from '../../random/random.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { Operation } from '../../scenario/scenario.ts'
import { readPlan, type PlanNode } from '../../schema/plan.ts'
import { explainQueryPlan } from '../../target/explain.ts'
import { NativeConnection } from '../../target/native.ts'
import { argumentTuples, drawRows } from '../draw/draw-arguments.ts'
import { askAll } from '../experiment/evidence/ask-all.ts'
import { changeOf } from '../experiment/plan-lines.ts'

/** What a migration does to the reads of a scenario. */
export interface DatabaseComparison {
  /** Reads that answer otherwise or fail, a phrase each. */
  readonly problems: readonly string[]
  /** Reads that are planned otherwise, a phrase each. */
  readonly changes: readonly string[]
}

type ReadOperation = Operation & { readonly kind: 'read' }

const tuples = 20

/** Asks two database files, one migrated from the other, the reads of a scenario with the same arguments. */
export async function compareOnDatabases(
  loaded: LoadedScenario,
  before: string,
  after: string,
): Promise<DatabaseComparison> {
  const problems: string[] = []
  const changes: string[] = []
  for (const operation of loaded.scenario.operations) {
    if (operation.kind !== 'read') continue
    try {
      const [old, fresh] = await askBoth(loaded, operation, [before, after])
      if (old.digest !== fresh.digest) problems.push(`${loaded.id}: ${operation.id} answers otherwise`)
      const change = changeOf(old.plan, fresh.plan)
      if (change !== '') changes.push(`${operation.id}: ${change}`)
    } catch (error) {
      if (!(error instanceof ForgebenchError)) throw error
      problems.push(`${loaded.id}: ${errorText(error)}`)
    }
  }
  return { problems, changes }
}

interface Asked {
  readonly digest: string | null
  readonly plan: readonly PlanNode[]
}

async function askBoth(
  { id, dataset }: LoadedScenario,
  operation: ReadOperation,
  paths: readonly [string, string],
): Promise<readonly [Asked, Asked]> {
  const connections = paths.map((path) => new NativeConnection(path, { readOnly: true }))
  const [first, second] = connections as [NativeConnection, NativeConnection]
  const key = streamKey(1, id, operation.id)
  try {
    const rows = await drawRows([first, second], operation, tuples, key)
    const ask = async (connection: NativeConnection, path: string): Promise<Asked> => {
      const args = await argumentTuples(connection, operation, rows, tuples, key, path, dataset.ids)
      const { sql, orderedBy, rows: due } = operation
      const order = { ...(orderedBy === undefined ? {} : { orderedBy }), pageSize: due.max }
      const bounds = { minRows: 0, maxRows: due.max }
      const answers = await askAll(connection, {
        id: operation.id,
        kind: 'read',
        sql,
        args,
        order,
        ...bounds,
      })
      return { digest: answers.answerDigest, plan: readPlan(explainQueryPlan(path, sql, args[0] ?? [])) }
    }
    return [await ask(first, paths[0]), await ask(second, paths[1])]
  } finally {
    for (const connection of connections) connection.close()
  }
}
