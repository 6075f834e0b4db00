import { TargetError, UsageError } from '../core/errors.ts'
import type { Row } from '../target/connection.ts'
import type { MigrationStep } from './migration-plan.ts'
import { createRecord, insertRecord, recordTable } from './migration-record.ts'
import { oneLine } from './migration-script.ts'
import type { ScriptStatement } from './sql/statements.ts'

/** A statement of the transaction that takes a step, and what it is for. */
export interface StepPart {
  readonly sql: string
  readonly args: Row
  readonly of:
    ScriptStatement | 'record' | 'same record' | 'foreign keys' | 'capture' | 'same run' | 'row counts'
}

/** What else the transaction does. */
export interface AroundStep {
  /** Before the script. */
  readonly before: readonly StepPart[]
  /** After the script, before it is recorded. */
  readonly after: readonly StepPart[]
}

/**
 * Selects a row that the record's table refuses (its `id` is NOT NULL), for a condition to follow: in one request nothing
 * else can decide that all is to be undone.
 */
export const violation = `INSERT INTO ${recordTable} (position, id) SELECT NULL, NULL`

/**
 * The statements of a step, in the order in which one transaction runs them, foreign keys off.
 * @param recorded ids in the record that the plan was made from: with another one it fails
 */
export function* stepParts(
  { direction, migration }: MigrationStep,
  recorded: readonly string[],
  around: AroundStep = { before: [], after: [] },
): Generator<StepPart> {
  const ids = `(SELECT json_group_array(id) FROM (SELECT id FROM ${recordTable} ORDER BY position))`
  yield { sql: createRecord, args: [], of: 'record' }
  yield {
    sql: `${violation} WHERE ${ids} IS NOT ?`,
    args: [JSON.stringify(recorded)],
    of: 'same record',
  }
  yield* around.before
  for (const statement of migration[direction].statements)
    yield { sql: statement.text, args: [], of: statement }
  if (!migration.effects.indexesOnly)
    yield { sql: `${violation} FROM pragma_foreign_key_check LIMIT 1`, args: [], of: 'foreign keys' }
  yield* around.after
  if (direction === 'up') {
    yield { ...insertRecord(migration), of: 'record' }
    return
  }
  yield { sql: `DELETE FROM ${recordTable} WHERE id = ?`, args: [migration.id], of: 'record' }
  if (recorded.length === 1) yield { sql: `DROP TABLE ${recordTable}`, args: [], of: 'record' }
}

/**
 * What a failure of a step's transaction means to a user.
 * @param part the statement that failed; undefined where none did
 */
export function stepFailure(step: MigrationStep, part: StepPart | undefined, error: unknown): unknown {
  if (!(error instanceof TargetError)) return error
  const name = `${step.migration.id} ${step.direction}`
  if ((Object(error.cause) as { code?: unknown }).code === 'TRANSACTION_TIMEOUT') {
    return new TargetError(
      'MIGRATION_TIMEOUT',
      `${name}: took longer than the server lets a transaction take while others wait to write (5 s); nothing was changed, run it when nobody writes`,
      { cause: error },
    )
  }
  if (part === undefined || (error.code !== 'TARGET_SQL' && error.code !== 'TARGET_CONSTRAINT')) return error
  return new UsageError('MIGRATION_FAILED', failureText(part.of, name, step, error), { cause: error })
}

function failureText(
  part: StepPart['of'],
  name: string,
  { migration, direction }: MigrationStep,
  { message }: TargetError,
): string {
  switch (part) {
    case 'same record':
      return `${name}: another process applied or reverted a migration meanwhile; nothing was changed, look with forgebench migrate status and run it again`
    case 'foreign keys':
      return `${name}: rows would refer to nothing; nothing was changed, fix the rows and try again`
    case 'row counts':
      return `${name}: rows would be lost or doubled; nothing was changed`
    case 'same run':
    case 'capture':
      return `${name}: another online migration took over meanwhile; nothing was changed, let it end`
    case 'record':
      return `${name}: cannot be recorded, nothing was changed: ${message}`
    default:
      return `migrations/${migration.id}/${direction}.sql:${part.line} (${oneLine(part.text)}) failed, nothing was changed: ${message}`
  }
}
