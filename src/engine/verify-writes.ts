import { InvalidMeasurementError } from '../core/errors.ts'
import { NativeConnection } from '../target/native.ts'
import type { Findings } from './findings.ts'
import type { Measurement } from './measurement.ts'
import type { WriteClones } from './write-clones.ts'

const writtenTable = /^\s*(INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM)\s+["`[]?(\w+)/i

/**
 * Acknowledged is stored: from a fresh connection, every table of every clone must hold the rows of its stage plus the
 * rows acknowledged as inserted, minus those acknowledged as deleted.
 * @throws InvalidMeasurementError naming the table and the rows that are missing
 */
export function verifyWrites(
  { loaded, variants, stages }: Measurement,
  clones: WriteClones,
  findings: Findings,
): void {
  for (const [index, { id }] of variants.entries()) {
    const path = clones.pathOf(id)
    const stage = stages[index]
    if (path === null || stage === undefined) continue
    const expected = new Map<string, number>()
    for (const operation of loaded.scenario.operations) {
      const [, verb, table] = writtenTable.exec(operation.sql) ?? []
      if (operation.kind === 'read' || verb === undefined || table === undefined) continue
      const evidence = findings.evidence
        ?.find(({ variant }) => variant === id)
        ?.operations.find((entry) => entry.operation === operation.id)
      const acknowledged = findings.timings.rows(operation.id, id) + (evidence?.rows ?? 0)
      const sign = verb.toUpperCase().startsWith('DELETE') ? -1 : 1
      expected.set(table, (expected.get(table) ?? 0) + sign * acknowledged)
    }
    for (const [table, change] of expected) {
      const stored = countRows(path, table) - countRows(stage.path, table)
      if (stored !== change) {
        throw new InvalidMeasurementError(
          'WRITES_LOST',
          `${loaded.id}: ${table} on ${id} changed by ${stored} rows, but ${change} were acknowledged`,
        )
      }
    }
  }
}

function countRows(path: string, table: string): number {
  // Not read-only: a log that a killed process left behind must be recovered first.
  const connection = new NativeConnection(path, { busyTimeoutMs: 5000 })
  try {
    return Number(connection.querySync(`SELECT count(*) FROM "${table}"`).rows[0]?.[0])
  } finally {
    connection.close()
  }
}
