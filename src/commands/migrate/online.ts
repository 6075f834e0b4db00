import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { errorAt } from '../../core/error-text.ts'
import { exitCode } from '../../core/errors.ts'
import { outsideText } from '../../core/outside-text.ts'
import { temporaryFolderError } from '../../core/temporary-folder-error.ts'
import { compareOnDatabases } from '../../engine/run/compare-databases.ts'
import type { LiveDatabase } from '../../schema/online/live-database.ts'
import type { OnlineResult } from '../../schema/online/migrate-online.ts'
import { decimalNumber, print, writeJson } from '../console.ts'
import { interruptSignal } from '../interruption.ts'
import { endWith } from '../outcome.ts'
import { loadScenario, projectMigrations } from '../project.ts'
import { locationOf, refuseAbsent, withFile, withServer } from './database.ts'
import { databaseCommand, example, type DatabaseOptions } from './options.ts'

interface OnlineOptions extends DatabaseOptions {
  readonly scenario?: string
  readonly maxLockSeconds: number
  readonly dryRun?: true
}

const help = `
The migration is tried on a copy and all rows are compared; what is written meanwhile is noted by
triggers and tried as well. Then it is applied in one transaction: others read on, and writers wait,
so give them a busy timeout. More in docs/MIGRATE.md.`

/** `forgebench migrate online`. */
export const onlineCommand = (): Command =>
  databaseCommand(
    'online',
    'apply one migration while others use the database; nothing changes unless it is right',
  )
    .argument('<name>', 'a migration, as in «forgebench migrate status»')
    .option('--scenario <id>', 'its reads must answer the same on the branch, and their plans are compared')
    .option(
      '--max-lock-seconds <n>',
      'longest time for which writers may wait, as measured on the branch',
      decimalNumber(0.001, 3600),
      5,
    )
    .option('--dry-run', 'end after the validation')
    .addHelpText('after', example('online covering-index --db file:app.db') + help)
    .action(online)

async function online(name: string, options: OnlineOptions): Promise<void> {
  await refuseAbsent(options)
  const migrations = await projectMigrations()
  const loaded = options.scenario === undefined ? undefined : await loadScenario(options.scenario)
  const plans: string[] = []
  const folder = await mkdtemp(join(tmpdir(), `forgebench-online-${process.pid}-`)).catch(
    (error: unknown) => {
      throw temporaryFolderError(`migration ${name}`, tmpdir(), error)
    },
  )
  const { migrateOnline } = await import('../../schema/online/migrate-online.ts')
  try {
    const result = await withLive(options, (live) =>
      migrateOnline(live, name, migrations, {
        folder,
        mostLockMs: options.maxLockSeconds * 1000,
        dryRun: options.dryRun ?? false,
        signal: interruptSignal(),
        onStep: (step) => void process.stderr.write(`${step}…\n`),
        validate: async ({ before, after }) => {
          if (loaded === undefined) return []
          const { problems, changes } = await compareOnDatabases(loaded, before, after)
          plans.push(...changes)
          return problems
        },
      }),
    )
    await writeJson(options.json, JSON.stringify({ ...result, plans }, null, 2))
    if (options.json !== true) print(outsideText([...resultLines(result), ...plans].join('\n')))
    if (result.outcome === 'rolled back') endWith(exitCode.fail)
  } catch (error) {
    throw errorAt('', temporaryFolderError(`migration ${name}`, tmpdir(), error), [folder])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function withLive<T>(options: DatabaseOptions, work: (live: LiveDatabase) => Promise<T>): Promise<T> {
  const { liveFile, liveServer } = await import('../../schema/online/live-database.ts')
  const location = locationOf(options)
  return location.kind === 'file'
    ? withFile(location.path, options, 'write', (connection) => work(liveFile(connection, location.path)))
    : withServer(location, options, (remote) => work(liveServer(remote, location.url)))
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`

function resultLines(result: OnlineResult): readonly string[] {
  const { id, outcome, problems, branch, rowsCompared, validateMs, caughtUp, switchMs } = result
  if (branch === null) return [`${id}: applied before`]
  const lines = [
    `branch: ${(branch.bytes / 1e6).toFixed(1)} MB copied in ${seconds(branch.copyMs)}, migrated in ${seconds(branch.migrateMs)}`,
    `validated: ${rowsCompared} rows, integrity and foreign keys, in ${seconds(validateMs)}`,
    `written meanwhile: ${caughtUp.rows} rows, validated in ${caughtUp.rounds} rounds`,
  ]
  if (outcome === 'rolled back')
    return [`✗ ${id}: ${problems.join('; ')}`, 'rolled back: the database is as it was']
  if (switchMs === null) return [...lines, `${id}: right on the branch; nothing was changed`]
  return [...lines, `${id}: applied in ${seconds(switchMs)}, for which writers waited`]
}
