import { closeSync, openSync, readSync, statSync, truncateSync, utimesSync, writeSync } from 'node:fs'
import { everythingIsWhole, failedInOneLine, filesBelow, nothingIsLeft, works } from '../checks.ts'
import { noOrphans } from '../processes.ts'
import { shortExplain, shortGate, shortRun, usualCodes, withScenario } from '../prepared.ts'
import { held, oneOf, promised, trialKind, wholeBetween } from '../trial.ts'
import { run } from '../workspace.ts'

const commands = { run: shortRun, gate: shortGate, explain: shortExplain } as const

/** Bits are flipped, or the end is cut off, somewhere in the cache: it is made anew, or refused in one line. */
export const damagedCache = trialKind({
  name: 'damaged cache',
  title: 'flipped bits or a cut-off end somewhere in the cache',
  kills: false,
  trials: 50,
  draw: (next) => ({
    command: oneOf(['explain', 'explain', 'run', 'gate'] as const, next()),
    damage: oneOf(['flip', 'flip', 'truncate'] as const, next()),
    file: next(),
    place: next(),
    bytes: wholeBetween(1, 200, next()),
    /** As a disk that rots does, which only `--verify-cache` finds. */
    times: oneOf(['new', 'kept'] as const, next()),
  }),
  run: async ({ command, damage, file, place, bytes, times }, workspace) => {
    await withScenario(workspace, 'warm')
    const files = filesBelow(workspace.cache).filter(
      (path) => statSync(path).size > 0 && !path.endsWith('-shm'),
    )
    const path = oneOf(files.toSorted(), file)
    const before = statSync(path)
    if (damage === 'truncate') truncateSync(path, Math.floor(before.size * place))
    else flip(path, Math.floor(Math.max(0, before.size - bytes) * place), bytes)
    if (times === 'kept') utimesSync(path, before.atime, before.mtime)
    const ended = await run(
      [...commands[command], ...(times === 'kept' ? ['--verify-cache'] : [])],
      workspace,
    )
    await noOrphans(workspace.work)
    const isFine = (usualCodes[command] as readonly number[]).includes(ended.status ?? -1)
    if (!isFine) {
      failedInOneLine(ended)
      promised(
        [2, 5].includes(ended.status ?? -1),
        'the exit code is right',
        `${ended.status}: ${ended.stderr}`,
      )
      return held('refused')
    }
    everythingIsWhole(workspace)
    works(await run(shortExplain, workspace), 'explain')
    nothingIsLeft(workspace)
    return held('healed')
  },
})

function flip(path: string, from: number, length: number): void {
  const file = openSync(path, 'r+')
  try {
    const found = Buffer.alloc(length)
    const read = readSync(file, found, 0, length, from)
    writeSync(
      file,
      found.subarray(0, read).map((byte) => byte ^ 0xff),
      0,
      read,
      from,
    )
  } finally {
    closeSync(file)
  }
}
