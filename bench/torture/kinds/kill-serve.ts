import { acknowledgedAtLeast, countOf, noWrites, startWriting, writesAreStored } from '../api-writes.ts'
import { databaseIsWhole, nothingIsLeft } from '../checks.ts'
import { killChildOf } from '../killing.ts'
import { noOrphans } from '../processes.ts'
import { seededIn } from '../prepared.ts'
import { serve, stopServing } from '../serving.ts'
import { held, oneOf, promised, trialKind, wholeBetween, type TrialKind } from '../trial.ts'
import { setTimeout as sleep } from 'node:timers/promises'

/** SIGKILL of a server under writes: what it acknowledged is stored, whole, and it starts again. */
const killServe = (workers: number): TrialKind =>
  trialKind({
    name: `kill serve, workers ${workers}`,
    title: `SIGKILL of \`serve --workers ${workers}\` under writes${workers > 1 ? ', of all or of one worker' : ''}`,
    kills: true,
    trials: 30,
    draw: (next) => ({
      victim: workers > 1 ? oneOf(['server', 'worker'] as const, next()) : ('server' as const),
      which: next(),
      afterMs: wholeBetween(0, 600, next()),
    }),
    run: async ({ victim, which, afterMs }, workspace) => {
      const path = await seededIn(workspace.work)
      const args = ['--db', `file:${path}`, '--workers', String(workers)]
      const server = await serve(args, workspace, workspace.work)
      const written = noWrites()
      const stopWriting = startWriting(server.url, written)
      await acknowledgedAtLeast(8, written)
      await sleep(afterMs)
      if (victim === 'worker') {
        killChildOf(server, workspace, which)
        const goesOn = await acknowledgedAtLeast(countOf(written) + 50, written)
        promised(
          goesOn,
          'the next command works',
          `serve goes on after a worker died: ${server.output.stderr}`,
        )
      }
      server.child.kill('SIGKILL')
      await server.ended
      await stopWriting()
      await noOrphans(workspace.work)
      databaseIsWhole(path)
      writesAreStored(path, written)
      const again = await serve(args, workspace, workspace.work)
      const stopWritingOn = startWriting(again.url, written)
      await acknowledgedAtLeast(countOf(written) + 20, written)
      await stopWritingOn()
      await stopServing(again)
      writesAreStored(path, written)
      promised(written.refused.length === 0, 'the next command works', `refused: ${written.refused[0]}`)
      nothingIsLeft(workspace)
      return held('killed', countOf(written))
    },
  })

export const killServeAlone = killServe(1)
export const killServeWorkers = killServe(4)
