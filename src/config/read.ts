import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { budgetMistakes } from '../scenario/budget-rules.ts'
import { datasetMistakes } from '../scenario/dataset-shape.ts'
import {
  fieldsOf,
  itemsOf,
  mistakesText,
  placeAt,
  repeatedIds,
  shapeMistakes,
  unknownName,
  type Mistake,
} from '../scenario/mistake.ts'
import { withAbsolutePaths } from '../scenario/resolve-dataset.ts'
import { defaultExport, readExport } from '../scenario/script/script-file.ts'
import { thresholdMistakes } from '../scenario/load-profile/threshold-rules.ts'
import { configSchema, type Config } from './config.ts'

const fileNames = ['forgebench.config.ts', 'forgebench.config.js', 'forgebench.config.mjs']

/** Budgets and thresholds; whether a budget names what its scenario has is known when that is loaded. */
function gateMistakes(value: unknown): readonly Mistake[] {
  const gate = fieldsOf(fieldsOf(value)['gate'])
  const budgets = Object.entries(fieldsOf(gate['budgets']))
  return [
    ...budgets.flatMap(([id, list]) => budgetMistakes(list, placeAt('gate.budgets', [id]))),
    ...thresholdMistakes(fieldsOf(gate['thresholds']), 'gate.thresholds', { mayAbort: false }),
  ]
}

function namedDatasetMistakes(value: unknown): readonly Mistake[] {
  const { datasets, dataset } = fieldsOf(value)
  const listed = itemsOf(datasets)
  const names = [
    'reference',
    ...listed.map((each) => fieldsOf(each)['name']).filter((name) => typeof name === 'string'),
  ]
  return [
    ...listed.flatMap((each, index) => datasetMistakes(each, `datasets[${index}]`)),
    ...repeatedIds(listed, 'datasets', 'name'),
    ...(dataset === undefined || typeof dataset === 'string' ? [] : datasetMistakes(dataset, 'dataset')),
    ...unknownName(dataset, names, 'dataset', 'dataset'),
  ]
}

const withAbsoluteDatasets = (config: Config, folder: string): Config => ({
  ...config,
  ...(config.datasets === undefined
    ? {}
    : { datasets: config.datasets.map((each) => withAbsolutePaths(each, folder)) }),
  ...(typeof config.dataset === 'object' ? { dataset: withAbsolutePaths(config.dataset, folder) } : {}),
})

/**
 * The configuration in a folder; empty where there is none.
 * @throws UsageError with the path and every mistake in it
 */
export async function readConfig(folder: string): Promise<Config> {
  for (const name of fileNames) {
    const path = join(folder, name)
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (!exists) continue
    const value = await defaultExport(path, name, 'configuration')
    const mistakes = await readExport(name, 'configuration', () => [
      ...shapeMistakes(configSchema, value, ''),
      ...gateMistakes(value),
      ...namedDatasetMistakes(value),
    ])
    if (mistakes.length > 0) throw new UsageError('CONFIG_INVALID', mistakesText(mistakes, name))
    return withAbsoluteDatasets(value as Config, folder)
  }
  return {}
}
