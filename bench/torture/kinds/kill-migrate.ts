import { existsSync } from 'node:fs'
import { databaseIsWhole, nothingIsLeft, works } from '../checks.ts'
import { killLater } from '../killing.ts'
import { noOrphans } from '../processes.ts'
import { seededIn } from '../prepared.ts'
import { held, oneOf, promised, trialKind, wholeBetween } from '../trial.ts'
import { run, start } from '../workspace.ts'

/** The second rewrites every table. */
const sets = [
  'composite-indexes covering-index partial-indexes',
  'binary-uuids',
  'binary-uuids composite-indexes-better partial-indexes-full',
]

/** SIGKILL while migrations are applied: each is there with its record or not at all, and the next `up` applies the rest. */
export const killMigrate = trialKind({
  name: 'kill migrate up',
  title: 'SIGKILL during `migrate up`',
  kills: true,
  trials: 50,
  draw: (next) => ({ migrations: oneOf(sets, next()), afterMs: wholeBetween(0, 70, next()) }),
  run: async ({ migrations, afterMs }, workspace) => {
    const db = await seededIn(workspace.work)
    const up = ['migrate', 'up', ...migrations.split(' '), '--db', 'file:seeded.db']
    const end = await killLater(start(up, workspace), afterMs, () => existsSync(`${db}-wal`))
    await noOrphans(workspace.work)
    databaseIsWhole(db)
    const { status, stdout, stderr } = await run(['migrate', 'status', '--db', 'file:seeded.db'], workspace)
    promised(
      status === 0,
      'nothing is half accepted',
      `migrate status: ${status}: ${stdout.slice(-300)}${stderr}`,
    )
    works(await run(up, workspace), up.join(' '))
    databaseIsWhole(db)
    nothingIsLeft(workspace)
    return held(end)
  },
})
