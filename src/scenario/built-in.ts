import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { closest } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'

/** The folder `scenarios/` that comes with forgebench. */
export const scenariosFolder = fileURLToPath(new URL('../../scenarios', import.meta.url))

/** Folders that hold no scenario: operations that several scenarios share, load profiles, and sweeps. */
const otherFolders = /^(queries|load|server|writers)\//

/** What lies beside the load profiles and is none: scripts for k6. */
const noProfile = /^load\/.+\..+\.ts$/

export interface ScenarioFile {
  /** Path below the folder without extension, such as `indexes/composite`. */
  readonly id: string
  readonly path: string
}

/**
 * The scenarios of a folder, by id. Adding a scenario is adding a file.
 * @throws UsageError SCENARIOS_NOT_FOUND
 */
export async function listScenarios(folder: string = scenariosFolder): Promise<readonly ScenarioFile[]> {
  return (await scriptsBelow(folder)).filter(({ id }) => !otherFolders.test(id))
}

/** The load profiles that come with forgebench, by id, such as `load/orders-api`. Throws as `listScenarios`. */
export async function listLoadProfiles(): Promise<readonly ScenarioFile[]> {
  const scripts = await scriptsBelow(scenariosFolder)
  return scripts.filter(({ id }) => id.startsWith('load/') && !noProfile.test(`${id}.ts`))
}

/** The sweeps that come with forgebench, by id, such as `server/pool`; what they share has a name in `shared/`. */
export async function listSweeps(folder: string = scenariosFolder): Promise<readonly ScenarioFile[]> {
  return (await scriptsBelow(folder)).filter(({ id }) => /^(?:server|writers)\/[^/]+$/.test(id))
}

async function scriptsBelow(folder: string): Promise<readonly ScenarioFile[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => {
    throw new UsageError('SCENARIOS_NOT_FOUND', `no folder ${folder}; install forgebench again`)
  })
  return entries
    .map((entry) => entry.replaceAll('\\', '/'))
    .filter((entry) => /^[^.].*(?<!\.d|\.test)\.ts$/.test(entry))
    .sort()
    .map((entry) => ({ id: entry.slice(0, -'.ts'.length), path: join(folder, entry) }))
}

/** The error for an id that no scenario has, with the nearest one. */
export function unknownScenario(id: string, known: readonly ScenarioFile[]): UsageError {
  const ids = known.map((scenario) => scenario.id)
  const group = ids.filter((name) => name.startsWith(`${id.replace(/\/+$/, '')}/`))
  const guess =
    group.length > 0 ? `it is a group: name ${group.join(' or ')}` : `did you mean ${nearest(id, ids)}?`
  const list =
    'see them with: forgebench list; a file of yours is named by its path, such as ./my-scenario.ts'
  return new UsageError(
    'SCENARIO_UNKNOWN',
    `no scenario ${id}; ${ids.length > 0 ? `${guess} (${list})` : list}`,
  )
}

/** As `unknownScenario`, for load profiles. */
export function unknownProfile(id: string, known: readonly ScenarioFile[]): UsageError {
  const ids = known.map((profile) => profile.id)
  return new UsageError(
    'PROFILE_UNKNOWN',
    `no load profile ${id}; did you mean ${nearest(id, ids)}? (see them with: forgebench list; a file of yours is named by its path, such as ./my-profile.ts)`,
  )
}

/** The nearest id; the last part alone may be what the user remembers. */
function nearest(id: string, ids: readonly string[]): string {
  const short = new Map(
    ids.flatMap((name) => [[name, name] as const, [name.split('/').at(-1) ?? name, name] as const]),
  )
  return short.get(closest(id, [...short.keys()])) ?? id
}
