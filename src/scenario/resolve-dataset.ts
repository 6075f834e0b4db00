import { resolve } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'
import type { Dataset, DatasetFill } from './dataset.ts'
import type { Scenario } from './scenario.ts'

/** The datasets that there are for the scenarios of a project. */
export interface Datasets {
  /** Of the scenarios that come with forgebench. */
  readonly builtIn: Dataset
  /** Of scenarios that name none. */
  readonly standard: Dataset
  /** All that a scenario may name. */
  readonly named: readonly Dataset[]
}

/** A scenario file: where it is, and whether it comes with forgebench. */
interface NamingFile {
  readonly shown: string
  /** Paths in its dataset are relative to it. */
  readonly folder: string
  /** What `database` is relative to. */
  readonly databases: string
  readonly isBuiltIn: boolean
}

/**
 * The dataset that a scenario stands on, its paths absolute.
 * @throws UsageError SCENARIO_INVALID for a name that no dataset has
 */
export function resolveDataset(
  { dataset, database }: Pick<Scenario, 'dataset' | 'database'>,
  { builtIn, standard, named }: Datasets,
  { shown, folder, databases, isBuiltIn }: NamingFile,
): Dataset {
  if (database !== undefined) return databaseFile(resolve(databases, database.replace(/^file:(\/\/)?/, '')))
  if (dataset === undefined) return isBuiltIn ? builtIn : standard
  if (typeof dataset !== 'string') return withAbsolutePaths(dataset, folder)
  const found = named.find(({ name }) => name === dataset)
  if (found !== undefined) return found
  const names = named.map(({ name }) => name)
  throw new UsageError(
    'SCENARIO_INVALID',
    `${shown}: dataset: no dataset ${dataset}; did you mean ${closest(dataset, names)}? Those of a project stand in forgebench.config.ts as datasets`,
  )
}

/** A database that is there, as a dataset. */
export const databaseFile = (path: string): Dataset => ({
  name: 'database',
  description: path,
  fill: { kind: 'file', path },
})

/** A dataset as the file in a folder names it. */
export function withAbsolutePaths(dataset: Dataset, folder: string): Dataset {
  const { schema, fill } = dataset
  const absolute = (path: string): string => resolve(folder, path)
  return {
    ...dataset,
    ...(schema === undefined
      ? {}
      : {
          schema:
            schema.kind === 'sql'
              ? { ...schema, files: schema.files.map(absolute) }
              : { ...schema, folder: absolute(schema.folder) },
        }),
    fill: fillWithAbsolutePaths(fill, absolute),
  }
}

function fillWithAbsolutePaths(fill: DatasetFill, absolute: (path: string) => string): DatasetFill {
  if (fill.kind === 'file') return { ...fill, path: absolute(fill.path) }
  if (fill.kind === 'sql') return { ...fill, files: fill.files.map(absolute) }
  // One without a slash is looked for in PATH.
  if (fill.kind === 'command' && fill.command.includes('/'))
    return { ...fill, command: absolute(fill.command) }
  return fill
}
