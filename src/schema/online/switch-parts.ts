import { quoteIdentifier } from '../../target/quote-identifier.ts'
import type { MigrationStep } from '../migration-plan.ts'
import { stepParts, violation, type StepPart } from '../step-parts.ts'
import { captureTriggers, changesTable, type CapturedTable } from './change-capture.ts'

/**
 * The transaction that makes an online migration true: it fails where another one has taken over, where a table would end
 * with another number of rows, and where rows would refer to nothing; it removes the triggers that captured changes.
 */
export function switchParts(
  step: MigrationStep,
  recorded: readonly string[],
  { tables, run }: { readonly tables: readonly CapturedTable[]; readonly run: string },
): readonly StepPart[] {
  const sameRun = `${violation} WHERE NOT EXISTS (SELECT 1 FROM ${changesTable} WHERE position = 0 AND row_key = ?)`
  const noteNumber = (index: number): number => -2 - index
  const count = (table: string): string => `(SELECT count(*) FROM ${quoteIdentifier(table)})`
  const before: readonly StepPart[] = [
    { sql: sameRun, args: [run], of: 'same run' },
    ...tables.map(({ table }, index): StepPart => ({
      sql: `INSERT INTO ${changesTable} (table_number, row_key) VALUES (${noteNumber(index)}, ${count(table)})`,
      args: [],
      of: 'capture',
    })),
    ...captureTriggers(tables).map((name): StepPart => ({
      sql: `DROP TRIGGER ${name}`,
      args: [],
      of: 'capture',
    })),
  ]
  const after: readonly StepPart[] = [
    ...tables.map(({ table }, index): StepPart => ({
      sql: `${violation} WHERE ${count(table)} IS NOT (SELECT row_key FROM ${changesTable} WHERE table_number = ${noteNumber(index)})`,
      args: [],
      of: 'row counts',
    })),
    { sql: `DROP TABLE ${changesTable}`, args: [], of: 'capture' },
  ]
  return [...stepParts(step, recorded, { before, after })]
}
