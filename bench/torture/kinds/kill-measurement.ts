import { endedWith, everythingIsWhole, failedInOneLine, nothingIsLeft, works } from '../checks.ts'
import { killChildOf, killLater } from '../killing.ts'
import { noOrphans } from '../processes.ts'
import { shortExplain, shortGate, shortRun, usualCodes, withScenario } from '../prepared.ts'
import { held, oneOf, trialKind, wholeBetween, type Held, type TrialKind } from '../trial.ts'
import { run, start, type Command, type Workspace } from '../workspace.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const commands = { run: shortRun, gate: shortGate } as const

/** SIGKILL of a measuring command, or of one of its processes: what it wrote is whole, and the next command clears up. */
const killMeasurement = (name: keyof typeof commands): TrialKind =>
  trialKind({
    name: `kill ${name}`,
    title: `SIGKILL during \`${name}\`, of the command or of a process that it started`,
    kills: true,
    trials: 40,
    draw: (next) => ({
      cache: oneOf(['cold', 'warm'] as const, next()),
      victim: oneOf(['command', 'command', 'command', 'child'] as const, next()),
      which: next(),
      afterMs: wholeBetween(0, 1800, next()),
    }),
    run: async ({ cache, victim, which, afterMs }, workspace) => {
      await withScenario(workspace, cache)
      const command = start(commands[name], workspace)
      const end =
        victim === 'command'
          ? await killLater(command, afterMs, () => command.output.stderr !== '')
          : await killChild(command, workspace, which, afterMs, usualCodes[name])
      await noOrphans(workspace.work)
      everythingIsWhole(workspace)
      works(await run(shortExplain, workspace), 'explain')
      everythingIsWhole(workspace)
      nothingIsLeft(workspace)
      return held(end)
    },
  })

async function killChild(
  command: Command,
  workspace: Workspace,
  which: number,
  afterMs: number,
  usual: readonly number[],
): Promise<Held['event']> {
  await Promise.race([command.ended, sleep(afterMs)])
  let isKilled = false
  while (!isKilled && command.child.exitCode === null) {
    isKilled = killChildOf(command, workspace, which)
    await sleep(5)
  }
  const ended = await command.ended
  // A process that had just answered when it was killed is not missed.
  endedWith(ended, isKilled ? [5, ...usual] : usual, 'with a killed child')
  if (ended.status === 5) failedInOneLine(ended)
  return isKilled ? 'killed' : 'ended before'
}

export const killRun = killMeasurement('run')
export const killGate = killMeasurement('gate')
