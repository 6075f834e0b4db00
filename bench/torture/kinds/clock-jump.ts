import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endedWith, everythingIsWhole, nothingIsLeft, timesAreSane } from '../checks.ts'
import { noOrphans } from '../processes.ts'
import {
  seededIn,
  shortGate,
  shortLoad,
  shortRun,
  usualCodes,
  withProfile,
  withScenario,
} from '../prepared.ts'
import { serve, stopServing } from '../serving.ts'
import { held, oneOf, trialKind, wholeBetween } from '../trial.ts'
import { start, type Workspace } from '../workspace.ts'

const jumpsSeconds = [-31_536_000, -86_400, -3600, -60, -2, 2, 60, 3600, 86_400, 31_536_000]

/** The wall clock jumps while a command measures: durations come from a clock that does not, and nothing ends otherwise. */
export const clockJump = trialKind({
  name: 'clock jump',
  title: 'the clock jumps by seconds to a year, back or forth, during `run`, `gate` or `load`',
  kills: false,
  trials: 30,
  missing: async () =>
    library() === undefined ? 'no libfaketime here (apt-get install faketime)' : undefined,
  draw: (next) => ({
    command: oneOf(['run', 'gate', 'load'] as const, next()),
    jumpSeconds: oneOf(jumpsSeconds, next()),
    afterMs: wholeBetween(100, 2500, next()),
  }),
  run: async ({ command, jumpSeconds, afterMs }, workspace) => {
    const server = command === 'load' ? await serving(workspace) : undefined
    if (server === undefined) await withScenario(workspace, 'warm')
    const args =
      server === undefined ? { run: shortRun, gate: shortGate, load: [] }[command] : shortLoad(server.url)
    const clock = join(workspace.root, 'clock')
    writeFileSync(clock, '+0s')
    const started = start(args, workspace, { env: fakeClock(clock) })
    await Promise.race([started.ended, sleep(afterMs)])
    const isOver = started.child.exitCode !== null
    writeFileSync(clock, `${jumpSeconds < 0 ? '' : '+'}${jumpSeconds}s`)
    const ended = await started.ended
    if (server !== undefined) await stopServing(server)
    await noOrphans(workspace.work)
    endedWith(ended, usualCodes[command], `${command} with a jump of ${jumpSeconds} s`)
    everythingIsWhole(workspace)
    timesAreSane(join(workspace.work, 'reports'))
    nothingIsLeft(workspace)
    return held(isOver ? 'ended before' : `jumped in ${command}`)
  },
})

async function serving(workspace: Workspace): ReturnType<typeof serve> {
  await withProfile(workspace)
  const path = await seededIn(workspace.servers)
  return serve(['--db', `file:${path}`], workspace, workspace.servers)
}

/** The monotonic clock stays as it is, as it does when an operator or NTP sets the time. */
const fakeClock = (file: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: library() ?? '',
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
})

function library(): string | undefined {
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib']
  const below = folders.flatMap((folder) => [
    folder,
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ])
  return below
    .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path))
}
