import type { LoadedScenario } from '../scenario/load.ts'
import { datasetMigrations, ownSchema } from '../schema/dataset-migrations.ts'
import type { Migration } from '../schema/migration.ts'

/** The migrations that variants of a scenario may name. @throws UsageError as `datasetMigrations` */
export const scenarioMigrations = ({
  dataset,
  migrationsFolder,
}: Pick<LoadedScenario, 'dataset' | 'migrationsFolder'>): Promise<readonly Migration[]> =>
  datasetMigrations(dataset.schema ?? ownSchema, migrationsFolder)
