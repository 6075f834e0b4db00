import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import type { Dataset } from '../scenario/dataset.ts'
import { datasetMigrations, type FilledSchema } from '../schema/dataset-migrations.ts'
import { cacheFolder, makeCacheFolder } from '../target/cache-folder.ts'
import { cachedDatabase } from './cached-database.ts'
import { digestOfFill } from './data-digest.ts'
import { fillDatabase, type DataOrder, type FilledFacts } from './fill-database.ts'
import type { FillOptions } from './fill-options.ts'
import { pruneStages } from './prune-stages.ts'

/** The tables of a dataset with its rows, and no migration on top. */
export interface FilledDatabase {
  /** Read-only: copy it before you change anything. */
  readonly path: string
  /** Equal for equal rows. */
  readonly digest: string
  readonly schema: FilledSchema
}

export interface FilledDatabaseOptions extends Partial<FillOptions> {
  /** Default: see `cacheFolder`. */
  readonly folder?: string
  /** Bytes that the databases of all datasets together may take; the least recently used go first. */
  readonly limitBytes?: number
}

const defaultLimitBytes = 8e9

/**
 * The database of a dataset, from the cache, or made now. Several processes may ask at once.
 * @throws UsageError for a dataset that cannot be made, DATASET_IDS for UUIDs that it has not; TargetError when building
 * fails; InterruptedError
 */
export async function filledDatabase(
  dataset: Dataset,
  order: DataOrder,
  options: FilledDatabaseOptions = {},
): Promise<FilledDatabase> {
  const { folder = cacheFolder(), limitBytes = defaultLimitBytes } = options
  const { signal = new AbortController().signal, onProgress = () => undefined } = options
  refuseIds(dataset, order)
  const filesDigest = await digestOfFill(dataset.fill)
  const key = await fillKey(dataset, order, filesDigest)
  const root = join(folder, 'data')
  await makeCacheFolder(root)
  const place = join(root, `${dataset.name}-${key}`)
  const { path, facts } = await cachedDatabase<FilledFacts>(place, (building) =>
    fillDatabase(dataset, order, building, filesDigest, { signal, onProgress }),
  )
  await pruneStages(root, new Set([place]), limitBytes)
  return { path, digest: facts.digest, schema: dataset.schema ?? { kind: 'own', recorded: facts.recorded } }
}

function refuseIds({ name, fill }: Dataset, { ids }: DataOrder): void {
  const known = (fill.kind === 'builder' ? fill.ids : undefined) ?? ['v4']
  if (known.includes(ids)) return
  throw new UsageError(
    'DATASET_IDS',
    `dataset ${name} has no ids ${ids}; it has ${known.join(' and ')}: take ids out of the variant`,
  )
}

/** Raised when filling itself changes, so that old databases in a cache are not taken for new ones. */
const fillVersion = 1

/** Name of the cache entry: equal for two orders only if they give the same database. */
async function fillKey(
  { schema, fill }: Dataset,
  { scale, seed, ids }: DataOrder,
  filesDigest: string,
): Promise<string> {
  const migrations = schema === undefined ? [] : await datasetMigrations(schema)
  const initial = migrations.find(({ id }) => id === 'initial')?.checksum
  // Files hold what they hold, whatever scale and seed are asked for.
  const rows = 'version' in fill ? [fill.version, scale, seed, ids] : filesDigest
  const command = fill.kind === 'command' ? [fill.command, ...fill.args] : []
  const text = JSON.stringify([fillVersion, fill.kind, initial, rows, command])
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
