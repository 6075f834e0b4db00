import { join } from 'node:path'
import { readConfig } from '../config/read.ts'
import { UsageError } from '../core/errors.ts'
import { referenceDataset } from '../reference/dataset.ts'
import { loadScenario as loadScenarioOn, type LoadedScenario } from '../scenario/load.ts'
import { nearestMigrations } from '../schema/migrations-folder.ts'
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
export async function loadScenarios(idsOrPaths: readonly string[]): Promise<readonly LoadedScenario[]> {
  const loaded: LoadedScenario[] = []
  for (const idOrPath of idsOrPaths) {
    const scenario = await loadScenario(idOrPath)
    const other = loaded.find(({ id }) => id === scenario.id)
    if (other !== undefined) {
      throw new UsageError(
        'SCENARIO_TWICE',
        other.path === scenario.path
          ? `${idOrPath} is named twice; name it once`
          : `${idOrPath}: another scenario is called ${scenario.id} too; rename a file, or take them one at a time`,
      )
    }
    loaded.push(scenario)
  }
  return loaded
}

/** The migrations of the project that a command is called in, on top of those of its dataset. */
export async function projectMigrations(): Promise<readonly Migration[]> {
  const { standard } = await projectDatasets()
  const migrationsFolder = await nearestMigrations(join(process.cwd(), 'forgebench.config.ts'))
  return scenarioMigrations({ dataset: standard, migrationsFolder })
}
