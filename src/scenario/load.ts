import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { listScenarios, unknownScenario } from './built-in.ts'
import { checkScenario } from './check.ts'
import { statedClaims, type CheckedClaim } from './checked-claims.ts'
import { nearestClaims } from './claims-file.ts'
import { fieldsOf, itemsOf } from './mistake.ts'
import { nearestMigrations } from '../schema/migrations-folder.ts'
import type { Scenario } from './scenario.ts'
import { defaultExport, isScriptPath, readExport, readScript, shownPath } from './script-file.ts'

export interface LoadedScenario {
  /** `indexes/composite` for one of ours, the file's name without extension for one of yours. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** SHA-256 (hex) of the scenario file. */
  readonly fileDigest: string
  readonly scenario: Scenario
  /** What the scenario checks, as it was stated. */
  readonly claims: readonly CheckedClaim[]
  /** The folder of its project's migrations; those that come with forgebench are there in any case. */
  readonly migrationsFolder?: string | undefined
}

/** A scenario file that is there, or not yet read. */
export interface ScenarioPlace {
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** As messages show it. */
  readonly shown: string
}

/**
 * Loads a scenario: one of ours by id, or any TypeScript or JavaScript file by path.
 * @throws UsageError with the path of the file and, where there is one, the line or the place in the scenario
 */
export async function loadScenario(idOrPath: string): Promise<LoadedScenario> {
  return loadScenarioFile(await placeOfScenario(idOrPath))
}

/** Where a scenario is, by id or path. @throws UsageError SCENARIO_UNKNOWN for an id that there is not */
export async function placeOfScenario(idOrPath: string): Promise<ScenarioPlace> {
  const known = await listScenarios()
  const isPath = isScriptPath(idOrPath)
  const path = isPath ? resolve(idOrPath) : known.find(({ id }) => id === idOrPath)?.path
  if (path === undefined) throw unknownScenario(idOrPath, known)
  const id = known.find((file) => file.path === path)?.id ?? basename(path).replace(/\.[^.]+$/, '')
  return { id, path, shown: isPath ? idOrPath : shownPath(path) }
}

/** Loads a scenario from its file; its migrations and claims are looked for up to the folder `top`. Throws as `loadScenario`. */
export async function loadScenarioFile(
  { id, path, shown }: ScenarioPlace,
  top?: string,
): Promise<LoadedScenario> {
  const source = await readScript(path, shown, 'scenario')
  const value = await defaultExport(path, shown, 'scenario')
  const checked = await readExport(shown, 'scenario', async () => {
    const hasClaims = itemsOf(fieldsOf(value)['claims']).length > 0
    const stated = hasClaims ? await nearestClaims(path, top) : { path: undefined, claims: [] }
    const scenario = checkScenario(value, shown, stated)
    return { scenario, claims: statedClaims(scenario.claims, stated.claims) }
  })
  return {
    id,
    path,
    fileDigest: createHash('sha256').update(source).digest('hex'),
    ...checked,
    migrationsFolder: await nearestMigrations(path, top),
  }
}
