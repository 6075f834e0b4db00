import { TargetError, UsageError } from '../core/errors.ts'
import type { Connection } from '../target/connection.ts'
import { planMigrations, type MigrationPlan, type MigrationStep } from './migration-plan.ts'
import { forgetMigration, recordMigration } from './migration-record.ts'
import { oneLine } from './migration-script.ts'
import type { Migration } from './migration.ts'
import { readSchemaState } from './schema-state.ts'
import type { ScriptStatement } from './sql/statements.ts'

export interface ApplyOptions {
  /** Fixed time to record, for files that must be the same each time they are made. */
  readonly appliedAt?: string
  /** Called after each step is committed. */
  readonly onStep?: (step: MigrationStep) => void
}

/** The plan that brings a database up to `names`; see `planMigrations` for what is refused. */
export async function planUp(
  connection: Pick<Connection, 'query'>,
  migrations: readonly Migration[],
  names: readonly string[],
): Promise<MigrationPlan> {
  const state = await readSchemaState(connection, migrations)
  return planMigrations(migrations, state, { direction: 'up', names })
}

/** The plan that takes one migration down, the last applied when none is named. */
export async function planDown(
  connection: Pick<Connection, 'query'>,
  migrations: readonly Migration[],
  name?: string,
): Promise<MigrationPlan> {
  const state = await readSchemaState(connection, migrations)
  return planMigrations(migrations, state, { direction: 'down', name })
}

/**
 * Runs a plan, each step in one transaction: a step that fails leaves nothing behind, those before it stay.
 * Foreign keys are off while a step runs, so that tables can be rebuilt, and are checked before the commit.
 * @throws UsageError MIGRATION_FAILED with the statement; TargetError when the database is busy, full or read-only
 */
export async function applyPlan(
  connection: Connection,
  plan: MigrationPlan,
  options: ApplyOptions = {},
): Promise<void> {
  if (plan.steps.length === 0) return
  // PRAGMA foreign_keys does nothing inside a transaction, so it is switched around them.
  const enforced = Number((await connection.query('PRAGMA foreign_keys')).rows[0]?.[0] ?? 0) === 1
  await connection.script('PRAGMA legacy_alter_table = OFF')
  await connection.script('PRAGMA foreign_keys = OFF')
  try {
    for (const step of plan.steps) {
      await connection.transaction('write', () => applyStep(connection, step, options))
      options.onStep?.(step)
    }
  } finally {
    if (enforced) await connection.script('PRAGMA foreign_keys = ON')
  }
}

async function applyStep(connection: Connection, step: MigrationStep, options: ApplyOptions): Promise<void> {
  const { direction, migration } = step
  for (const statement of migration[direction].statements) {
    await connection.script(statement.text).catch((error: unknown) => {
      throw stepFailure(step, statement, error)
    })
  }
  if (!migration.effects.indexesOnly) await checkForeignKeys(connection, step)
  if (direction === 'up') await recordMigration(connection, migration, options.appliedAt)
  else await forgetMigration(connection, migration.id)
}

async function checkForeignKeys(
  connection: Connection,
  { direction, migration }: MigrationStep,
): Promise<void> {
  // One row is enough to know; there may be millions of them.
  const [first] = (await connection.query('SELECT * FROM pragma_foreign_key_check LIMIT 1')).rows
  if (first === undefined) return
  const count = (await connection.query('SELECT count(*) FROM pragma_foreign_key_check')).rows[0]?.[0]
  throw new UsageError(
    'MIGRATION_FAILED',
    `${migration.id} ${direction}: ${String(count)} rows refer to nothing, first ${String(first[0])} rowid ${String(first[1])} → ${String(first[2])}; nothing was changed, fix the rows and try again`,
  )
}

function stepFailure(step: MigrationStep, { text, line }: ScriptStatement, error: unknown): unknown {
  if (!(error instanceof TargetError)) return error
  const { direction, migration } = step
  const place = `migrations/${migration.id}/${direction}.sql:${line}`
  const message = `${place} (${oneLine(text)}) failed, nothing was changed: ${error.message}`
  const byScript = error.code === 'TARGET_SQL' || error.code === 'TARGET_CONSTRAINT'
  return byScript
    ? new UsageError('MIGRATION_FAILED', message, { cause: error })
    : new TargetError(error.code, message, { cause: error })
}
