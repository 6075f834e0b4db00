import type { Dataset } from '../scenario/dataset.ts'
import type { Datasets } from '../scenario/resolve-dataset.ts'
import { migrationsFolder } from './migrations-folder.ts'
import { generatorVersion } from './seed/generator-version.ts'

/**
 * The data of the review: what scenarios that come with forgebench stand on. What fills and serves it is loaded when it is
 * needed.
 */
export const referenceDataset: Dataset = {
  name: 'reference',
  description: '10,000 prompts and 300,000 test results',
  schema: { kind: 'migrations', folder: migrationsFolder },
  fill: {
    kind: 'builder',
    version: generatorVersion,
    ids: ['v4', 'v7'],
    build: async (order) => {
      const { seedDatabase } = await import('./seed/seed-database.ts')
      const { digest } = await seedDatabase(order)
      return { digest: digest.all }
    },
  },
  // Just after the newest row, where the application would go on.
  ids: { kind: 'uuid', afterMs: Date.UTC(2025, 9, 1) },
  api: {
    needs: 'the tables prompts, evaluations and test_results with text ids',
    check: async (path) => {
      const { openStore } = await import('./api/store/open-store.ts')
      await (await openStore({ kind: 'file', path }, undefined)).close()
    },
    serve: async (path) => {
      const { forkApi } = await import('./api/server/fork-api.ts')
      return forkApi({ location: { kind: 'file', path }, port: 0, host: '127.0.0.1' })
    },
  },
}

/** Where a project names no datasets of its own. */
export const referenceDatasets: Datasets = {
  builtIn: referenceDataset,
  standard: referenceDataset,
  named: [referenceDataset],
}

/** A request that every database of the reference answers. */
export const exampleRequest = '/api/v1/prompts?limit=2'
