import { noWrites, writesAreStored } from '../api-writes.ts'
import { databaseIsWhole, everythingIsWhole, nothingIsLeft, rowsOf, works } from '../checks.ts'
import { killLater } from '../killing.ts'
import { noOrphans } from '../processes.ts'
import { seededIn, shortLoad, usualCodes, withProfile } from '../prepared.ts'
import { serve, stopServing } from '../serving.ts'
import { held, promised, trialKind, wholeBetween } from '../trial.ts'
import { run, start } from '../workspace.ts'

/** SIGKILL of a load with writes: the server answers on, stored what it counted, and holds no half of an evaluation. */
export const killLoad = trialKind({
  name: 'kill load',
  title: 'SIGKILL during `load` with writes on `serve`',
  kills: true,
  trials: 25,
  draw: (next) => ({ afterMs: wholeBetween(0, 2500, next()) }),
  run: async ({ afterMs }, workspace) => {
    const path = await seededIn(workspace.servers)
    await withProfile(workspace)
    const server = await serve(['--db', `file:${path}`], workspace, workspace.servers)
    const load = start(shortLoad(server.url), workspace)
    const end = await killLater(load, afterMs, () => load.output.stderr !== '')
    await noOrphans(workspace.work)
    everythingIsWhole(workspace)
    const acknowledged = await countedBy(server.url)
    works(await run(shortLoad(server.url), workspace), 'load', usualCodes.load)
    const all = await countedBy(server.url)
    await stopServing(server)
    databaseIsWhole(path)
    writesAreStored(path, noWrites())
    const stored = storedBy(path)
    const evidence = `the server counted ${all} answers of 201, and stored ${stored}`
    promised(stored >= all, 'what was acknowledged is stored', evidence)
    promised(all > acknowledged, 'the next command works', 'the second load stored nothing')
    everythingIsWhole(workspace)
    nothingIsLeft(workspace)
    return held(end, all)
  },
})

/** Answers of 201 by the server's own count. */
async function countedBy(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const found = text.matchAll(/^forgebench_api_requests_total\{method="POST",[^}]*status="201"\} (\d+)$/gm)
  return [...found].reduce((sum, [, count]) => sum + Number(count), 0)
}

const storedBy = (path: string): number =>
  Number(
    rowsOf(
      path,
      `SELECT (SELECT count(*) FROM prompts WHERE user_id = 'torture')
+ (SELECT count(*) FROM evaluations WHERE provider = 'torture')`,
    )[0]?.[0],
  )
