import { Command } from 'commander'
import { UsageError, exitCode } from '../../core/errors.ts'
import { outsideText } from '../../core/outside-text.ts'
import { findMigrations } from '../../schema/find-migrations.ts'
import { planUp } from '../../schema/apply.ts'
import { refuseForServers } from '../../schema/apply-on-server.ts'
import type { Migration } from '../../schema/migration.ts'
import { verifyMigration, verifyOnServer, type MigrationVerification } from '../../schema/verify-migration.ts'
import { filledDatabase } from '../../stage/filled-database.ts'
import { parseTarget } from '../../target/location.ts'
import { decimalNumber, print, scaleHelp, wholeNumber, writeJson, type JsonOption } from '../console.ts'
import { interruptSignal } from '../interruption.ts'
import { endWith } from '../outcome.ts'
import { projectDatasets, projectMigrations } from '../project.ts'
import { withDatabase } from './database.ts'
import { example, jsonHelp } from './options.ts'

interface VerifyOptions {
  readonly scale: number
  readonly seed: number
  readonly db?: string
  readonly authTokenEnv?: string
  readonly allowWrites?: true
  readonly json?: JsonOption
}

const help = `
On a server (--db) its own rows are taken up, down and up: give a copy, such as a namespace,
and --allow-writes.`

/** `forgebench migrate verify`. */
export const verifyCommand = (): Command =>
  new Command('verify')
    .summary('prove on seeded data that migrations go up, down and up again without a trace')
    .description(
      'Takes each migration up, down and up on a copy of a seeded database, or on a server, and compares schema and rows.',
    )
    .argument('[name...]', 'migrations; default: all')
    .option('--scale <n>', scaleHelp, decimalNumber(0.01, 10), 0.02)
    .option('--seed <n>', 'seed of the data', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--db <location>', 'a server to try it on: http://…, ws://… or libsql://…')
    .option('--auth-token-env <name>', 'environment variable with a token for the server')
    .option('--allow-writes', 'its database may be written to')
    .option('--json [file]', jsonHelp)
    .addHelpText('after', example('verify binary-uuids') + help)
    .action(verify)

type Verify = (migration: Migration) => Promise<MigrationVerification>

async function verify(names: readonly string[], options: VerifyOptions): Promise<void> {
  const migrations = await projectMigrations()
  const wanted = names.length === 0 ? migrations : findMigrations(migrations, names)
  const { db, scale, seed } = options
  if (db === undefined) {
    const { standard } = await projectDatasets()
    const { path } = await filledDatabase(standard, { scale, seed, ids: 'v4' }, { signal: interruptSignal() })
    return verifyAll(wanted, options, (migration) => verifyMigration(path, migration, migrations))
  }
  refuseUnsafe(db, options, names)
  await withDatabase({ ...options, db }, 'write', async ({ reader, apply }) => {
    for (const { id } of wanted) refuseForServers(await planUp(reader, migrations, [id]))
    await verifyAll(wanted, options, (migration) => verifyOnServer(reader, apply, migration, migrations))
  })
}

/** @throws UsageError for a file, without names, and without `--allow-writes` */
function refuseUnsafe(db: string, { allowWrites }: VerifyOptions, names: readonly string[]): void {
  if (parseTarget(db).kind === 'file') {
    throw new UsageError(
      'VERIFY_FILE',
      'migrate verify takes --db for servers; without it a copy of seeded data is used, and for your own data see datasets in forgebench.config.ts',
    )
  }
  if (names.length === 0)
    throw new UsageError(
      'VERIFY_NAMES',
      'on a server name the migrations to verify, as in: migrate verify binary-uuids --db …',
    )
  if (allowWrites !== true) {
    throw new UsageError(
      'VERIFY_WRITES',
      'migrate verify changes the rows of a server and back: make a copy (a namespace, or turso db create <copy> --from-db <name>), name it with --db and add --allow-writes',
    )
  }
}

async function verifyAll(
  wanted: readonly Migration[],
  options: VerifyOptions,
  verifyOne: Verify,
): Promise<void> {
  const { scale, seed } = options
  const signal = interruptSignal()
  const results: MigrationVerification[] = []
  for (const migration of wanted) {
    if (signal.aborted) break
    const result = await verifyOne(migration)
    results.push(result)
    if (options.json !== true) print(outsideText(verificationText(result)))
  }
  const failed = results.filter(({ problems }) => problems.length > 0).length
  const summary = `${results.length - failed} of ${wanted.length} migrations go up, down and up again without a trace`
  if (options.json !== true) print(summary)
  await writeJson(
    options.json,
    JSON.stringify({ ...(options.db === undefined ? { scale, seed } : {}), migrations: results }, null, 2),
  )
  if (signal.aborted) endWith(exitCode.interrupted)
  else if (failed > 0) endWith(exitCode.fail)
}

function verificationText({ id, rows, problems }: MigrationVerification): string {
  if (problems.length > 0) return `✗ ${id}: ${problems.join('; ')}`
  const compared = rows === 0 ? 'the same schema, from an empty database' : `the same schema and ${rows} rows`
  return `✓ ${id}: ${compared}`
}
