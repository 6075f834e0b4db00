import { join } from 'node:path'
import { readConfig } from '../config/read.ts'
import { UsageError } from '../core/errors.ts'
import { referenceDataset } from '../reference/dataset.ts'
import { loadScenario as loadScenarioOn, type LoadedScenario } from '../scenario/load.ts'
import { nearestMigrations } from '../schema/migrations-folder.ts'
import { loadSweep, type LoadedSweep } from '../scenario/sweep/load-sweep.ts'
import type { Datasets } from '../scenario/resolve-dataset.ts'
import type { Migration } from '../schema/migration.ts'
import { scenarioMigrations } from '../stage/scenario-migrations.ts'

/**
 * The datasets of the project that a command is called in: the reference, and those of its configuration.
 * @throws UsageError as `readConfig`
 */
export async function projectDatasets(): Promise<Datasets> {
  const { datasets = [], dataset = referenceDataset } = await readConfig(process.cwd())
  const named = [referenceDataset, ...datasets]
  const standard = typeof dataset === 'string' ? named.find(({ name }) => name === dataset) : dataset
  return { builtIn: referenceDataset, standard: standard ?? referenceDataset, named }
}

/** Loads a scenario on the datasets of the project; see `loadScenario` of src/scenario. */
export const loadScenario = async (idOrPath: string): Promise<LoadedScenario> =>
  loadScenarioOn(idOrPath, await projectDatasets())

/**
 * Loads scenarios, each once.
 * @throws UsageError SCENARIO_TWICE for two of one id, by which a Run tells them apart; and as `loadScenario`
 */
export const loadScenarios = (idsOrPaths: readonly string[]): Promise<readonly LoadedScenario[]> =>
  loadEach(idsOrPaths, 'scenario', loadScenario)

/** As `loadScenarios`, for sweeps. @throws UsageError SWEEP_TWICE, and as `loadSweep` */
export async function loadSweeps(idsOrPaths: readonly string[]): Promise<readonly LoadedSweep[]> {
  const datasets = await projectDatasets()
  return loadEach(idsOrPaths, 'sweep', (idOrPath) => loadSweep(idOrPath, datasets))
}

async function loadEach<T extends { readonly id: string; readonly path: string }>(
  idsOrPaths: readonly string[],
  kind: 'scenario' | 'sweep',
  load: (idOrPath: string) => Promise<T>,
): Promise<readonly T[]> {
  const loaded: T[] = []
  for (const idOrPath of idsOrPaths) {
    const one = await load(idOrPath)
    const other = loaded.find(({ id }) => id === one.id)
    if (other !== undefined) {
      throw new UsageError(
        `${kind.toUpperCase()}_TWICE`,
        other.path === one.path
          ? `${idOrPath} is named twice; name it once`
          : `${idOrPath}: another ${kind} is called ${one.id} too; rename a file, or take them one at a time`,
      )
    }
    loaded.push(one)
  }
  return loaded
}

/** The migrations of the project that a command is called in, on top of those of its dataset. */
export async function projectMigrations(): Promise<readonly Migration[]> {
  const { standard } = await projectDatasets()
  const migrationsFolder = await nearestMigrations(join(process.cwd(), 'forgebench.config.ts'))
  return scenarioMigrations({ dataset: standard, migrationsFolder })
}
