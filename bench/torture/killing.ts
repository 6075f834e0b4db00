import { setTimeout as sleep } from 'node:timers/promises'
import { processesIn } from './processes.ts'
import type { Command, Workspace } from './workspace.ts'

/** Kills a command after a time, counted from when it has `begun`. `killed` unless it had ended before. */
export async function killLater(
  { child, ended }: Command,
  afterMs: number,
  begun: () => boolean = () => true,
): Promise<'killed' | 'ended before'> {
  while (!begun() && child.exitCode === null) await sleep(3)
  await Promise.race([ended, sleep(afterMs)])
  child.kill('SIGKILL')
  return (await ended).signal === 'SIGKILL' ? 'killed' : 'ended before'
}

/** Kills one of the processes that a command started; false when it has none. */
export function killChildOf({ pid }: Command, { work }: Workspace, uniform: number): boolean {
  const children = processesIn(work).filter((each) => each !== pid)
  const victim = children[Math.floor(uniform * children.length)]
  return victim !== undefined && process.kill(victim, 'SIGKILL')
}
