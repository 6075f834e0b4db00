import { setTimeout as sleep } from 'node:timers/promises'
import { everythingIsWhole, failedInOneLine, nothingIsLeft, works } from '../checks.ts'
import { noOrphans } from '../processes.ts'
import { shortExplain, shortGate, shortRun, usualCodes, withScenario } from '../prepared.ts'
import { held, oneOf, promised, trialKind, wholeBetween } from '../trial.ts'
import { run } from '../workspace.ts'

const commands = {
  run: shortRun,
  gate: shortGate,
  explain: shortExplain,
  seed: ['seed', '--db', 'file:a.db', '--scale', '0.02'],
} as const

/** Three processes of the same command begin together with one empty cache. */
export const threeAtOnce = trialKind({
  name: 'three at once',
  title: 'the same command three times at once with one cache, or on one database',
  kills: false,
  trials: 16,
  draw: (next) => ({
    command: oneOf(['run', 'gate', 'explain', 'explain', 'seed'] as const, next()),
    staggerMs: wholeBetween(0, 300, next()),
  }),
  run: async ({ command, staggerMs }, workspace) => {
    await withScenario(workspace, 'cold')
    const all = await Promise.all(
      [0, 1, 2].map(async (place) => {
        await sleep(place * staggerMs)
        return run(commands[command], workspace)
      }),
    )
    await noOrphans(workspace.work)
    const usual: readonly number[] = usualCodes[command]
    const failed = all.filter(({ status }) => !usual.includes(status ?? -1))
    // Only one can seed a database: the others find it filled, or somebody at it.
    const mayFail = command === 'seed' ? 2 : 0
    const evidence = failed.map(({ status, stderr }) => `${status}: ${stderr.trim().slice(-300)}`).join('; ')
    promised(failed.length <= mayFail, 'the exit code is right', evidence)
    failed.forEach(failedInOneLine)
    everythingIsWhole(workspace)
    works(await run(shortExplain, workspace), 'explain')
    nothingIsLeft(workspace)
    return held(command)
  },
})
