import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../src/target/server/free-port.ts'
import { findSqld, startSqld } from '../../../src/target/server/sqld-process.ts'
import { acknowledgedAtLeast, countOf, noWrites, startWriting, writesAreStored } from '../api-writes.ts'
import { databaseIsWhole, nothingIsLeft } from '../checks.ts'
import { seededIn } from '../prepared.ts'
import { noOrphans } from '../processes.ts'
import { serve, stopServing } from '../serving.ts'
import { held, promised, trialKind, wholeBetween } from '../trial.ts'

/** SIGKILL of a libSQL server below `serve`, which comes back: what was acknowledged is stored, and `serve` goes on by itself. */
export const restartSqld = trialKind({
  name: 'kill sqld',
  title: 'SIGKILL and restart of sqld under `serve` with writes',
  kills: true,
  trials: 20,
  missing: async () => ((await findSqld()) === undefined ? 'no libSQL server here (SQLD_BIN)' : undefined),
  draw: (next) => ({ afterMs: wholeBetween(0, 600, next()), downMs: wholeBetween(0, 800, next()) }),
  run: async ({ afterMs, downMs }, workspace) => {
    const databasePath = await seededIn(workspace.root)
    const [folder, port] = [join(workspace.servers, 'sqld'), await freePort('127.0.0.1')]
    const first = await startSqld({ databasePath, folder, port })
    const server = await serve(['--db', first.url], workspace, workspace.work)
    const written = noWrites()
    const stopWriting = startWriting(server.url, written)
    await acknowledgedAtLeast(8, written)
    await sleep(afterMs)
    process.kill(first.pid, 'SIGKILL')
    await first.end()
    await sleep(downMs)
    const second = await startSqld({ folder, port })
    const goesOn = await acknowledgedAtLeast(countOf(written) + 30, written)
    await stopWriting()
    promised(goesOn, 'the next command works', `serve after sqld is back: ${written.refused.at(-1)}`)
    await stopServing(server)
    await noOrphans(workspace.work)
    process.kill(second.pid, 'SIGTERM')
    await ended(second.pid)
    const path = join(folder, 'dbs', 'default', 'data')
    databaseIsWhole(path)
    writesAreStored(path, written)
    nothingIsLeft(workspace)
    return held('killed', countOf(written))
  },
})

/** A file is read when nobody writes to it any more. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await sleep(10)
  }
}
