import type { Command } from 'commander'
import { ForgebenchError, exitCode } from '../../core/errors.ts'
import { outsideText } from '../../core/outside-text.ts'
import { checkSchemaState } from '../../schema/migration-plan.ts'
import { readSchemaState } from '../../schema/schema-state.ts'
import { print, writeJson } from '../console.ts'
import { endWith } from '../outcome.ts'
import { projectMigrations } from '../project.ts'
import { hasCapture } from '../../schema/online/change-capture.ts'
import { withDatabase } from './database.ts'
import { databaseCommand, example, type DatabaseOptions } from './options.ts'

/** `forgebench migrate status`. */
export const statusCommand = (): Command =>
  databaseCommand('status', 'which migrations a database has; exit 1 when it is not what its record says')
    .addHelpText('after', example('status --db file:app.db'))
    .action(status)

const underWay =
  'note: an online migration is under way, or was killed: the next forgebench migrate online removes what it left'

async function status(options: DatabaseOptions): Promise<void> {
  const migrations = await projectMigrations()
  const { state, isOnline } = await withDatabase(options, 'read', async ({ reader }) => ({
    state: await readSchemaState(reader, migrations),
    isOnline: await hasCapture(reader),
  }))
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
          ...(isOnline ? [underWay] : []),
        ].join('\n'),
      ),
    )
  const report = {
    migrations: rows,
    record: state.record,
    problem: problem ?? null,
    differences: state.differences,
    isOnline,
  }
  await writeJson(options.json, JSON.stringify(report, null, 2))
  if (problem !== undefined) endWith(exitCode.fail)
}
