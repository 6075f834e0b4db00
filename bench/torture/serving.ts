import { setTimeout as sleep } from 'node:timers/promises'
import { endedWith } from './checks.ts'
import { PromiseBroken } from './trial.ts'
import { start, type Command, type Workspace } from './workspace.ts'

/** A `forgebench serve` that listens. */
export interface Serving extends Command {
  readonly url: string
}

/** Starts `serve` on a free port in a folder; `args` name the database. */
export async function serve(args: readonly string[], workspace: Workspace, cwd: string): Promise<Serving> {
  const command = start(['serve', '--port', '0', ...args], workspace, { cwd })
  for (;;) {
    const url = /listening on (http:\S+)/.exec(command.output.stdout)?.[1]
    if (url !== undefined) return { ...command, url }
    if (command.child.exitCode !== null || command.child.signalCode !== null) {
      throw new PromiseBroken('the next command works', `serve: ${command.output.stderr.trim().slice(-300)}`)
    }
    await sleep(10)
  }
}

/**
 * Stops a server as Ctrl-C does.
 * @throws PromiseBroken unless it ends with 0
 */
export async function stopServing({ child, ended }: Command): Promise<void> {
  child.kill('SIGINT')
  endedWith(await ended, [0], 'serve after Ctrl-C')
}
