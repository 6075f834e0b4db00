import type { Stage } from '../../stage/stage.ts'
import { rowsReadOnServer } from '../../target/rows-read.ts'
import { findSqld, startSqld } from '../../target/sqld-process.ts'
import { evidenceOperation, type VariantEvidence } from './collect-evidence.ts'
import type { Measurement } from './measurement.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'

/**
 * The evidence with the rows that reads read, where a budget limits them and a libSQL server is at hand: embedded libSQL
 * counts them and tells nobody, so that the same statements are run with the same arguments on a server that starts from
 * the same file. Without a server the evidence comes back as it is, and such a budget cannot be judged.
 */
export async function withRowsRead(
  { loaded, variants, stages, options }: Measurement,
  drawn: readonly DrawnOperation[],
  evidence: readonly VariantEvidence[],
): Promise<readonly VariantEvidence[]> {
  const due = (loaded.scenario.budgets ?? []).filter(({ rowsRead }) => rowsRead !== undefined)
  if (due.length === 0 || (await findSqld()) === undefined) return evidence
  const counted: VariantEvidence[] = []
  for (const of of evidence) {
    const index = variants.findIndex(({ id }) => id === of.variant)
    const stage = stages[index]
    const its = drawn.filter(
      ({ operation, variants: taking }) =>
        taking.includes(index) &&
        due.some((budget) => budget.variant === of.variant && budget.operation === operation.id),
    )
    if (options.signal.aborted || stage === undefined || its.length === 0) counted.push(of)
    else counted.push(withCounts(of, await countOnServer(stage, its, index)))
  }
  return counted
}

type RowsRead = ReadonlyMap<string, number>

async function countOnServer(
  stage: Stage,
  drawn: readonly DrawnOperation[],
  index: number,
): Promise<RowsRead> {
  const server = await startSqld({ databasePath: stage.path })
  try {
    const counts = new Map<string, number>()
    for (const { id, kind, sql, args } of drawn.map((each) => evidenceOperation(each, index))) {
      if (kind === 'read') counts.set(id, await rowsReadOnServer(server.url, sql, args))
    }
    return counts
  } finally {
    await server.stop()
  }
}

const withCounts = ({ variant, operations }: VariantEvidence, counts: RowsRead): VariantEvidence => ({
  variant,
  operations: operations.map((found) => {
    const rowsRead = counts.get(found.operation)
    return rowsRead === undefined ? found : { ...found, counters: { ...found.counters, rowsRead } }
  }),
})
