import { rowsReadOnServer } from '../../target/rows-read.ts'
import { findSqld, startSqld } from '../../target/sqld-process.ts'
import { evidenceOperation, type VariantEvidence } from './variant-evidence.ts'
import type { MeasuredVariant, Measurement } from './measurement.ts'
import { onlySides, type DrawnOperation } from '../draw/drawn-operation.ts'

/**
 * The evidence with the rows that reads read, where a budget limits them and a libSQL server is at hand: embedded libSQL
 * counts them and does not report them, so that the same statements are run with the same arguments on a server that starts from
 * the same file. Without a server the evidence comes back as it is, and such a budget cannot be judged.
 */
export async function withRowsRead(
  { loaded, variants, options }: Measurement,
  drawn: readonly DrawnOperation[],
  evidence: readonly VariantEvidence[],
): Promise<readonly VariantEvidence[]> {
  const due = (loaded.scenario.budgets ?? []).filter(({ rowsRead }) => rowsRead !== undefined)
  if (due.length === 0 || (await findSqld()) === undefined) return evidence
  const counted: VariantEvidence[] = []
  for (const of of evidence) {
    const variant = variants.find(({ id }) => id === of.variant)
    const limited = onlySides(
      drawn,
      (operation, id) =>
        id === of.variant && due.some((budget) => budget.variant === id && budget.operation === operation),
    )
    if (options.signal.aborted || variant === undefined || limited.length === 0) counted.push(of)
    else counted.push(withCounts(of, await countOnServer(variant, limited)))
  }
  return counted
}

type RowsRead = ReadonlyMap<string, number>

async function countOnServer(
  { id: variant, stage }: MeasuredVariant,
  drawn: readonly DrawnOperation[],
): Promise<RowsRead> {
  const server = await startSqld({ databasePath: stage.path })
  try {
    const counts = new Map<string, number>()
    for (const { id, kind, sql, args } of drawn.flatMap((each) => evidenceOperation(each, variant) ?? [])) {
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
