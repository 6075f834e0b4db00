import { createHash } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'
import { listScenarios, unknownScenario } from './built-in.ts'
import { checkScenario } from './check.ts'
import { statedClaims, type CheckedClaim } from './checked-claims.ts'
import { nearestClaims } from './claims-file.ts'
import type { Dataset } from './dataset.ts'
import { fieldsOf, itemsOf } from './mistake.ts'
import { resolveDataset, type Datasets } from './resolve-dataset.ts'
import { nearestMigrations } from '../schema/migrations-folder.ts'
import type { Scenario } from './scenario.ts'
import { defaultExport, isScriptPath, readExport, readScript, shownPath } from './script/script-file.ts'

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
  /** What it stands on. */
  readonly dataset: Dataset
  /** The folder of its project's migrations, on top of those of the dataset. */
  readonly migrationsFolder?: string | undefined
}

/** A scenario file that is there, or not yet read. */
export interface ScenarioPlace {
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** As messages show it. */
  readonly shown: string
  /** One of those that come with forgebench. */
  readonly isBuiltIn: boolean
}

/**
 * Loads a scenario: one of ours by id, or any TypeScript or JavaScript file by path.
 * @throws UsageError with the path of the file and, where there is one, the line or the place in the scenario
 */
export async function loadScenario(idOrPath: string, datasets: Datasets): Promise<LoadedScenario> {
  return loadScenarioFile(await placeOfScenario(idOrPath), datasets)
}

/** Where a scenario is, by id or path. @throws UsageError SCENARIO_UNKNOWN for an id that there is not */
export async function placeOfScenario(idOrPath: string): Promise<ScenarioPlace> {
  const known = await listScenarios()
  const isPath = isScriptPath(idOrPath)
  const path = isPath ? resolve(idOrPath) : known.find(({ id }) => id === idOrPath)?.path
  if (path === undefined) throw unknownScenario(idOrPath, known)
  const ours = known.find((file) => file.path === path)
  const id = ours?.id ?? basename(path).replace(/\.[^.]+$/, '')
  return { id, path, shown: isPath ? idOrPath : shownPath(path), isBuiltIn: ours !== undefined }
}

/** A revision of a project in a folder of its own. */
export interface RevisionFolder {
  /** Migrations and claims are looked for up to here. */
  readonly top: string
  /** Where databases are that the scenario names: they are seldom committed. */
  readonly databases: string
}

/** Loads a scenario from its file. Throws as `loadScenario`. */
export async function loadScenarioFile(
  place: ScenarioPlace,
  datasets: Datasets,
  revision?: RevisionFolder,
): Promise<LoadedScenario> {
  const { id, path, shown } = place
  const source = await readScript(path, shown, 'scenario')
  const value = await defaultExport(path, shown, 'scenario')
  const checked = await readExport(shown, 'scenario', async () => {
    const hasClaims = itemsOf(fieldsOf(value)['claims']).length > 0
    const stated = hasClaims ? await nearestClaims(path, revision?.top) : { path: undefined, claims: [] }
    const scenario = checkScenario(value, shown, stated)
    return { scenario, claims: statedClaims(scenario.claims, stated.claims) }
  })
  return {
    id,
    path,
    fileDigest: createHash('sha256').update(source).digest('hex'),
    ...checked,
    dataset: resolveDataset(checked.scenario, datasets, {
      ...place,
      folder: dirname(path),
      databases: revision?.databases ?? dirname(path),
    }),
    migrationsFolder: await nearestMigrations(path, revision?.top),
  }
}
