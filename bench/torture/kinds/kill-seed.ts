import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { everythingIsWhole, filesAreWhole, nothingIsLeft, works } from '../checks.ts'
import { killLater } from '../killing.ts'
import { noOrphans } from '../processes.ts'
import { held, trialKind, wholeBetween } from '../trial.ts'
import { run, start } from '../workspace.ts'

/** SIGKILL while a database is seeded: it is there whole or not at all, and the next seed of that name clears up. */
export const killSeed = trialKind({
  name: 'kill seed',
  title: 'SIGKILL during `seed`',
  kills: true,
  trials: 50,
  draw: (next) => ({
    scale: wholeBetween(2, 12, next()) / 100,
    workers: wholeBetween(0, 3, next()),
    afterMs: wholeBetween(0, 400, next()),
  }),
  run: async ({ scale, workers, afterMs }, workspace) => {
    const size = ['--scale', String(scale)]
    const seeding = start(['seed', '--db', 'file:a.db', ...size, '--workers', String(workers)], workspace)
    const end = await killLater(seeding, afterMs, () => readdirSync(workspace.work).length > 0)
    await noOrphans(workspace.work)
    everythingIsWhole(workspace)
    works(await run(['seed', '--db', 'file:a.db', '--replace', ...size], workspace), 'seed --replace')
    works(await run(['seed', '--db', 'file:a.db', '--verify'], workspace), 'seed --verify')
    filesAreWhole(join(workspace.work))
    nothingIsLeft(workspace)
    return held(end)
  },
})
