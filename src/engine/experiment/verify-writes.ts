import { InvalidMeasurementError } from '../../core/errors.ts'
import type { RoundResult } from '../../measure/round-plan.ts'
import { NativeConnection } from '../../target/native.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import type { Findings } from './findings.ts'
import type { Measurement } from './measurement.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'

const writtenTable =
  /^\s*(INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM)\s+(?:"((?:[^"]|"")+)"|`([^`]+)`|\[([^\]]+)\]|(\w+))/i

/** Rows that a write's executions were told they had changed. */
export interface AcknowledgedRows {
  readonly sql: string
  readonly rows: number
}

/**
 * Acknowledged is stored: from a fresh connection, every table of every clone must hold the rows of its stage plus the
 * rows acknowledged as inserted, minus those acknowledged as deleted.
 * @throws InvalidMeasurementError naming the table and the rows that are missing
 */
export function verifyWrites({ loaded, variants }: Measurement, findings: Findings): void {
  for (const { id, stage, clonePath } of variants) {
    if (clonePath === null) continue
    const acknowledged = loaded.scenario.operations.flatMap((operation): AcknowledgedRows[] => {
      if (operation.kind === 'read') return []
      const evidence = findings.evidence
        ?.find(({ variant }) => variant === id)
        ?.operations.find((entry) => entry.operation === operation.id)
      return [{ sql: operation.sql, rows: evidence?.rows ?? 0 }]
    })
    refuseLostWrites({ scenario: loaded.id, variant: id }, stage.path, clonePath, acknowledged)
  }
}

/** What one round acknowledged of the writes on a variant. */
export const acknowledgedIn = (
  { slices }: RoundResult,
  drawn: readonly DrawnOperation[],
  variant: string,
): readonly AcknowledgedRows[] =>
  drawn.flatMap(({ sides }) =>
    sides.flatMap(({ operation, variant: id }) => {
      if (operation.kind === 'read' || id !== variant) return []
      const its = slices.filter((slice) => slice.operation === operation.id && slice.variant === variant)
      return [{ sql: operation.sql, rows: its.reduce((sum, slice) => sum + slice.rows, 0) }]
    }),
  )

/**
 * Compares the tables of a database before and after its writes with what was acknowledged.
 * @throws InvalidMeasurementError WRITES_LOST
 */
export function refuseLostWrites(
  { scenario, variant }: { readonly scenario: string; readonly variant: string },
  before: string,
  after: string,
  acknowledged: readonly AcknowledgedRows[],
): void {
  const expected = new Map<string, number>()
  for (const { sql, rows } of acknowledged) {
    const [, verb, ...names] = writtenTable.exec(sql) ?? []
    const table = names.find((name) => name !== undefined)?.replaceAll('""', '"')
    if (verb === undefined || table === undefined) continue
    const sign = verb.toUpperCase().startsWith('DELETE') ? -1 : 1
    expected.set(table, (expected.get(table) ?? 0) + sign * rows)
  }
  for (const [table, change] of expected) {
    const stored = countRows(after, table) - countRows(before, table)
    if (stored !== change) {
      throw new InvalidMeasurementError(
        'WRITES_LOST',
        `${scenario}: ${table} on ${variant} changed by ${stored} rows, but ${change} were acknowledged`,
      )
    }
  }
}

function countRows(path: string, table: string): number {
  // Not read-only: a log that a killed process left behind must be recovered first.
  const connection = new NativeConnection(path, { busyTimeoutMs: 5000 })
  try {
    return Number(connection.querySync(`SELECT count(*) FROM ${quoteIdentifier(table)}`).rows[0]?.[0])
  } finally {
    connection.close()
  }
}
