import { copyFileSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'
import { loadProfile } from './load-profile.ts'
import { endedWith } from './checks.ts'
import { makeWorkspace, removeWorkspace, run, type Workspace } from './workspace.ts'

let preparing: Promise<Workspace> | undefined

/** Made once a process by the built command: a seeded database, a cache with the stages of the tiny scenario, rows of a load. */
function prepared(): Promise<Workspace> {
  return (preparing ??= prepare())
}

const scale = '0.01'

async function prepare(): Promise<Workspace> {
  const made = makeWorkspace()
  process.once('exit', () => removeWorkspace(made))
  writeFiles(made)
  const steps = [
    ['seed', '--db', 'file:seeded.db', '--scale', scale],
    ['explain', ...onTinyScenario],
    ['load', 'draw-data', '--db', 'file:seeded.db', '--profile', './writes.ts', '--out', 'writes.data.json'],
  ]
  for (const step of steps) endedWith(await run(step, made), [0], step.join(' '))
  return made
}

function writeFiles({ work }: Workspace): void {
  writeFileSync(join(work, 'tiny.ts'), tinyScenario)
  writeFileSync(join(work, 'writes.ts'), loadProfile)
}

const onTinyScenario = ['./tiny.ts', '--scale', scale] as const

/** Arguments of commands that end within seconds. */
export const shortRun = ['run', ...onTinyScenario, '--rounds', '1', '--max-seconds', '1', '--slice-ms', '8']
export const shortExplain = ['explain', ...onTinyScenario]
const sides = ['--baseline', 'variant:baseline', '--candidate', 'variant:composite']
const oneShortRound = ['--operations', 'Q1', '--operation-ms', '30', '--max-seconds', '1']
export const shortGate = ['gate', 'compare', ...onTinyScenario, ...sides, ...oneShortRound]
const shortWrites = ['--profile', './writes.ts', '--rate', '150', '--duration', '2', '--no-floor']
export const shortLoad = (url: string): readonly string[] => ['load', '--url', url, ...shortWrites]
/** Exit codes of these commands when nothing is wrong: so short a gate decides nothing, and a busy machine makes a load invalid. */
export const usualCodes = {
  run: [0, 3],
  gate: [0, 1, 3],
  load: [0, 1, 3, 4],
  explain: [0],
  seed: [0],
} as const

/** Puts a seeded database of 100 prompts into a folder; returns its path. */
export async function seededIn(folder: string, name = 'seeded.db'): Promise<string> {
  const { work } = await prepared()
  const path = join(folder, name)
  copyFileSync(join(work, 'seeded.db'), path)
  return path
}

/** Gives a workspace the scenario and, when `warm`, a cache with its stages. */
export async function withScenario(workspace: Workspace, cache: 'cold' | 'warm'): Promise<void> {
  const template = await prepared()
  writeFiles(workspace)
  if (cache === 'warm') cpSync(template.cache, workspace.cache, { recursive: true, preserveTimestamps: true })
}

/** Gives a workspace the load profile with its rows. */
export async function withProfile(workspace: Workspace): Promise<void> {
  const template = await prepared()
  writeFiles(workspace)
  copyFileSync(join(template.work, 'writes.data.json'), join(workspace.work, 'writes.data.json'))
}
