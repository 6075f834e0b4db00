import type { Command } from 'commander'
import { outsideText } from '../../core/outside-text.ts'
import { planDown, planUp } from '../../schema/apply.ts'
import { refuseForServers } from '../../schema/apply-on-server.ts'
import type { MigrationPlan } from '../../schema/migration-plan.ts'
import type { Migration } from '../../schema/migration.ts'
import { inspectFile } from '../../target/location.ts'
import { print, writeJson } from '../console.ts'
import { projectMigrations } from '../project.ts'
import { inMemory, locationOf, refuseAbsent, withDatabase, type MigratedDatabase } from './database.ts'
import { databaseCommand, example, type DatabaseOptions } from './options.ts'

interface ChangeOptions extends DatabaseOptions {
  readonly dryRun?: true
}

/** `forgebench migrate up`. */
export const upCommand = (): Command =>
  databaseCommand('up', 'apply migrations; without a name: initial')
    .argument('[name...]', 'migrations, as in «forgebench migrate status»')
    .option('--dry-run', 'print the statements and change nothing')
    .addHelpText('after', example('up initial composite-indexes --db file:app.db'))
    .action(async (names: readonly string[], options: ChangeOptions) => {
      const wanted = names.length === 0 ? ['initial'] : names
      await change('up', options, ({ reader }, migrations) => planUp(reader, migrations, wanted))
    })

/** `forgebench migrate down`. */
export const downCommand = (): Command =>
  databaseCommand('down', 'revert one migration; without a name: the last applied')
    .argument('[name]', 'a migration that nothing applied later depends on')
    .option('--dry-run', 'print the statements and change nothing')
    .addHelpText('after', example('down composite-indexes --db file:app.db'))
    .action(async (name: string | undefined, options: ChangeOptions) => {
      await change('down', options, ({ reader }, migrations) => planDown(reader, migrations, name))
    })

async function change(
  direction: 'up' | 'down',
  options: ChangeOptions,
  makePlan: (database: MigratedDatabase, migrations: readonly Migration[]) => Promise<MigrationPlan>,
): Promise<void> {
  const migrations = await projectMigrations()
  const dryRun = options.dryRun === true
  if (direction === 'down') await refuseAbsent(options)
  const location = locationOf(options)
  const absent = location.kind === 'file' && (await inspectFile(location.path, 'read')) === 'absent'
  const run = async (database: MigratedDatabase): Promise<MigrationPlan> => {
    const plan = await makePlan(database, migrations)
    if (location.kind === 'remote') refuseForServers(plan)
    if (!dryRun) await database.apply(plan)
    return plan
  }
  // A dry run makes no file, nor does a plan that is refused: it is made on an empty database in memory first.
  if (absent) await inMemory((database) => makePlan(database, migrations))
  const plan =
    absent && dryRun ? await inMemory(run) : await withDatabase(options, dryRun ? 'read' : 'write', run)
  if (options.json !== true) for (const text of changeTexts(plan, dryRun)) print(outsideText(text))
  const steps = plan.steps.map(({ direction, migration }) => ({
    direction,
    id: migration.id,
    checksum: migration.checksum,
    statements: migration[direction].statementCount,
  }))
  await writeJson(options.json, JSON.stringify({ dryRun, steps, already: plan.already }, null, 2))
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
