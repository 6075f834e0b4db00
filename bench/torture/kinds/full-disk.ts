import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { endedWith, everythingIsWhole, failedInOneLine, filesAreWhole, nothingIsLeft } from '../checks.ts'
import {
  seededIn,
  shortExplain,
  shortGate,
  shortLoad,
  shortRun,
  usualCodes,
  withProfile,
  withScenario,
} from '../prepared.ts'
import { noOrphans } from '../processes.ts'
import { serve, stopServing } from '../serving.ts'
import { held, oneOf, trialKind } from '../trial.ts'
import { run, type Ended, type Workspace } from '../workspace.ts'

const diskFull = 5

/** Commands, and the folder of each whose file system is small. */
const places = [
  'run out',
  'run cache',
  'gate out',
  'gate cache',
  'load out',
  'seed work',
  'migrate work',
  'verify tmp',
  'explain cache',
] as const
type Place = (typeof places)[number]

/** From the first page to where the command has room, in pages of 4 kB: every write is the first that fails in some trial. */
function sizeKb(place: Place, uniform: number): number {
  if (place === 'migrate work') return seededKb + pagesUpTo(400, uniform)
  return pagesUpTo(place.endsWith('out') ? 16 : 2000, uniform)
}

const seededKb = 1980
const pagesUpTo = (most: number, uniform: number): number => 4 * Math.round(most ** uniform)

/** A file system without room for the output, the database, the cache or the temporary folder. */
export const fullDisk = trialKind({
  name: 'full disk',
  title: 'a full disk below the output folder, the database, the cache or TMPDIR, from 4 kB on',
  kills: false,
  trials: 90,
  missing: async () => (canMount() ? undefined : 'no right to mount a tmpfs here'),
  draw: (next) => {
    const place = oneOf(places, next())
    return { place, sizeKb: sizeKb(place, next()) }
  },
  run: async ({ place, sizeKb }, workspace) => {
    const [command = '', where = ''] = place.split(' ')
    const folder = folderOf(where, workspace)
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k`, 'tmpfs', folder])
    try {
      const ended = await tryCommand(command, folder, workspace)
      await noOrphans(workspace.work)
      const usual = usualCodes[command as keyof typeof usualCodes] ?? [0]
      endedWith(ended, [diskFull, ...usual], place)
      if (ended.status === diskFull) failedInOneLine(ended)
      everythingIsWhole(workspace)
      keptRunsAreWhole(workspace)
      nothingIsLeft(workspace)
      return held(ended.status === diskFull ? 'refused' : 'had room')
    } finally {
      // Our own look at a database may hold it until the next collection.
      execFileSync('umount', ['--lazy', folder])
    }
  },
})

const folderOf = (where: string, { work, cache, tmp }: Workspace): string =>
  ({ cache, tmp, out: join(work, 'reports') })[where] ?? join(work, 'small')

/** A Run that its folder has no room for is kept in the temporary one, which the command says: it is no leftover. */
function keptRunsAreWhole({ tmp }: Workspace): void {
  const kept = join(tmp, 'forgebench-reports')
  filesAreWhole(kept)
  rmSync(kept, { recursive: true, force: true })
}

async function tryCommand(command: string, folder: string, workspace: Workspace): Promise<Ended> {
  const isCold = folder === workspace.cache
  if (command === 'load') return loadOnce(workspace)
  if (command === 'seed')
    return run(['seed', '--db', `file:${join(folder, 'a.db')}`, '--scale', '0.02'], workspace)
  if (command === 'migrate') return migrateIn(folder, workspace)
  if (command === 'verify')
    return run(['migrate', 'verify', 'composite-indexes', '--scale', '0.01'], workspace)
  await withScenario(workspace, isCold ? 'cold' : 'warm')
  return run({ run: shortRun, gate: shortGate, explain: shortExplain }[command] ?? [], workspace)
}

async function loadOnce(workspace: Workspace): Promise<Ended> {
  await withProfile(workspace)
  const path = await seededIn(workspace.servers)
  const server = await serve(['--db', `file:${path}`], workspace, workspace.servers)
  const ended = await run(shortLoad(server.url), workspace)
  await stopServing(server)
  return ended
}

async function migrateIn(folder: string, workspace: Workspace): Promise<Ended> {
  const path = await seededIn(folder)
  return run(['migrate', 'up', 'composite-indexes', 'binary-uuids', '--db', `file:${path}`], workspace)
}

function canMount(): boolean {
  const probe = `d=$(mktemp -d) && mount -t tmpfs tmpfs "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s`
  return process.getuid?.() === 0 && spawnSync('sh', ['-c', probe]).status === 0
}
