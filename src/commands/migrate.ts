import { Command } from 'commander'
import { ForgebenchError, UsageError, exitCode } from '../core/errors.ts'
import { outsideText } from '../core/outside-text.ts'
import { applyPlan, planDown, planUp } from '../schema/apply.ts'
import { findMigrations } from '../schema/find-migrations.ts'
import { checkSchemaState, type MigrationPlan } from '../schema/migration-plan.ts'
import type { Migration } from '../schema/migration.ts'
import { readSchemaState } from '../schema/schema-state.ts'
import { verifyMigration, type MigrationVerification } from '../schema/verify-migration.ts'
import { filledDatabase } from '../stage/filled-database.ts'
import { inClosedFolder } from '../target/closed-folder.ts'
import type { Connection } from '../target/connection.ts'
import { inspectFile, parseLocation } from '../target/location.ts'
import { NativeConnection } from '../target/native.ts'
import { refuseUnreadable } from '../target/refuse-unreadable.ts'
import { decimalNumber, print, scaleHelp, wholeNumber, writeJson, type JsonOption } from './console.ts'
import { interruptSignal } from './interruption.ts'
import { endWith } from './outcome.ts'
import { projectDatasets, projectMigrations } from './project.ts'

interface DatabaseOptions {
  readonly db: string
  readonly json?: JsonOption
}

interface ChangeOptions extends DatabaseOptions {
  readonly dryRun?: true
}

interface VerifyOptions {
  readonly scale: number
  readonly seed: number
  readonly json?: JsonOption
}

const busyTimeoutMs = 5_000
const jsonHelp = 'also write the result to a file, or to stdout in place of the text'

const example = (line: string): string => `\nExample:\n  forgebench migrate ${line}`

/** `forgebench migrate up|down|status|verify`. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .summary('apply, revert and verify migrations')
    .description(
      'Brings a database to a schema of migrations/ and back, and proves that the way back works. Migrations are those of the dataset that forgebench.config.ts names (dataset), else of the reference, and of migrations/ in this folder or above it.',
    )
    .addHelpText('after', example('up composite-indexes --db file:app.db'))
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(statusCommand())
    .addCommand(verifyCommand())
}

const upCommand = (): Command =>
  databaseCommand('up', 'apply migrations; without a name: initial')
    .argument('[name...]', 'migrations, as in «forgebench migrate status»')
    .option('--dry-run', 'print the statements and change nothing')
    .addHelpText('after', example('up initial composite-indexes --db file:app.db'))
    .action(async (names: readonly string[], options: ChangeOptions) => {
      const wanted = names.length === 0 ? ['initial'] : names
      await change('up', options, (connection, migrations) => planUp(connection, migrations, wanted))
    })

const downCommand = (): Command =>
  databaseCommand('down', 'revert one migration; without a name: the last applied')
    .argument('[name]', 'a migration that nothing applied later depends on')
    .option('--dry-run', 'print the statements and change nothing')
    .addHelpText('after', example('down composite-indexes --db file:app.db'))
    .action(async (name: string | undefined, options: ChangeOptions) => {
      await change('down', options, (connection, migrations) => planDown(connection, migrations, name))
    })

const statusCommand = (): Command =>
  databaseCommand('status', 'which migrations a database has; exit 1 when it is not what its record says')
    .addHelpText('after', example('status --db file:app.db'))
    .action(status)

const verifyCommand = (): Command =>
  new Command('verify')
    .summary('prove on seeded data that migrations go up, down and up again without a trace')
    .description(
      'Takes each migration up, down and up on a copy of a seeded database and compares schema and rows.',
    )
    .argument('[name...]', 'migrations; default: all')
    .option('--scale <n>', scaleHelp, decimalNumber(0.01, 10), 0.02)
    .option('--seed <n>', 'seed of the data', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--json [file]', jsonHelp)
    .addHelpText('after', example('verify binary-uuids'))
    .action(verify)

const databaseCommand = (name: string, summary: string): Command =>
  new Command(name)
    .summary(summary)
    .description(summary)
    .requiredOption('--db <location>', 'the database: file:path/to/database.db')
    .option('--json [file]', jsonHelp)

async function refuseAbsent(db: string): Promise<void> {
  const { path } = parseLocation(db)
  if ((await inspectFile(path, 'read')) === 'absent') {
    throw new UsageError(
      'TARGET_NOT_FOUND',
      `no database ${path}; make it with: forgebench migrate up --db ${db}`,
    )
  }
}

async function withDatabase<T>(
  db: string,
  access: 'read' | 'write',
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { path } = parseLocation(db)
  if (access === 'read') await refuseAbsent(db)
  else await inspectFile(path, access)
  try {
    const connection = new NativeConnection(path, { busyTimeoutMs, readOnly: access === 'read' })
    try {
      refuseUnreadable(connection, path)
      const result = await work(connection)
      // The driver keeps the file open until its statements are collected, so the log would keep what was changed, and
      // whoever copies the file alone would copy it as it was.
      if (access === 'write') connection.scriptSync('PRAGMA wal_checkpoint(PASSIVE)')
      return result
    } finally {
      connection.close()
    }
  } catch (error) {
    throw await inClosedFolder(path, error)
  }
}

async function change(
  direction: 'up' | 'down',
  options: ChangeOptions,
  makePlan: (connection: Connection, migrations: readonly Migration[]) => Promise<MigrationPlan>,
): Promise<void> {
  const migrations = await projectMigrations()
  const dryRun = options.dryRun === true
  if (direction === 'down') await refuseAbsent(options.db)
  const absent = (await inspectFile(parseLocation(options.db).path, 'read')) === 'absent'
  const run = async (connection: Connection): Promise<MigrationPlan> => {
    const plan = await makePlan(connection, migrations)
    if (!dryRun) await applyPlan(connection, plan)
    return plan
  }
  // A dry run makes no file, nor does a plan that is refused: it is made on an empty database in memory first.
  if (absent) await inMemory((connection) => makePlan(connection, migrations))
  const plan =
    absent && dryRun ? await inMemory(run) : await withDatabase(options.db, dryRun ? 'read' : 'write', run)
  if (options.json !== true) for (const text of changeTexts(plan, dryRun)) print(outsideText(text))
  const steps = plan.steps.map(({ direction, migration }) => ({
    direction,
    id: migration.id,
    checksum: migration.checksum,
    statements: migration[direction].statementCount,
  }))
  await writeJson(options.json, JSON.stringify({ dryRun, steps, already: plan.already }, null, 2))
}

async function inMemory<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = new NativeConnection(':memory:')
  try {
    return await work(connection)
  } finally {
    connection.close()
  }
}

/** What was done, or would be, in pieces: the statements of a dry run may be many. */
function* changeTexts({ steps, already }: MigrationPlan, dryRun: boolean): Iterable<string> {
  if (already.length + steps.length === 0) yield 'nothing to do'
  for (const id of already) yield `${id}: applied before`
  for (const { direction, migration } of steps) {
    if (dryRun) {
      yield `-- ${direction} ${migration.id}`
      for (const { text } of migration[direction].statements) yield `${text};`
    } else yield `${migration.id}: ${direction === 'up' ? 'applied' : 'reverted'}`
  }
  for (const note of steps.flatMap(({ migration }) => migration.notes))
    yield `${dryRun ? '-- ' : ''}note: ${note}`
}

async function status(options: DatabaseOptions): Promise<void> {
  const migrations = await projectMigrations()
  const state = await withDatabase(options.db, 'read', (connection) =>
    readSchemaState(connection, migrations),
  )
  let problem: string | undefined
  try {
    checkSchemaState(migrations, state)
  } catch (error) {
    if (!(error instanceof ForgebenchError)) throw error
    problem = error.message
  }
  const rows = migrations.map(({ id, claims }) => {
    const appliedAt = state.record.find((applied) => applied.id === id)?.appliedAt
    return { id, claims, appliedAt: appliedAt ?? null }
  })
  const widest = Math.max(...rows.map(({ id }) => id.length))
  const lines = rows.map(({ id, claims, appliedAt }) =>
    `${appliedAt === null ? '·' : '✓'} ${id.padEnd(widest)}  ${(appliedAt ?? '').padEnd(19)}  ${claims.join(' ')}`.trimEnd(),
  )
  if (options.json !== true)
    print(
      outsideText(
        [
          ...lines,
          ...(problem === undefined ? [] : [`problem: ${problem}`]),
          ...state.differences.slice(1),
        ].join('\n'),
      ),
    )
  const report = {
    migrations: rows,
    record: state.record,
    problem: problem ?? null,
    differences: state.differences,
  }
  await writeJson(options.json, JSON.stringify(report, null, 2))
  if (problem !== undefined) endWith(exitCode.fail)
}

async function verify(names: readonly string[], options: VerifyOptions): Promise<void> {
  const migrations = await projectMigrations()
  const wanted = names.length === 0 ? migrations : findMigrations(migrations, names)
  const { scale, seed } = options
  const signal = interruptSignal()
  const { standard } = await projectDatasets()
  const { path } = await filledDatabase(standard, { scale, seed, ids: 'v4' }, { signal })
  const results: MigrationVerification[] = []
  for (const migration of wanted) {
    if (signal.aborted) break
    const result = await verifyMigration(path, migration, migrations)
    results.push(result)
    if (options.json !== true) print(outsideText(verificationText(result)))
  }
  const failed = results.filter(({ problems }) => problems.length > 0).length
  const summary = `${results.length - failed} of ${wanted.length} migrations go up, down and up again without a trace`
  if (options.json !== true) print(summary)
  await writeJson(options.json, JSON.stringify({ scale, seed, migrations: results }, null, 2))
  if (signal.aborted) endWith(exitCode.interrupted)
  else if (failed > 0) endWith(exitCode.fail)
}

function verificationText({ id, rows, problems }: MigrationVerification): string {
  if (problems.length > 0) return `✗ ${id}: ${problems.join('; ')}`
  const compared = rows === 0 ? 'the same schema, from an empty database' : `the same schema and ${rows} rows`
  return `✓ ${id}: ${compared}`
}
