import { createHash } from 'node:crypto'
import type { Dataset } from '../scenario/dataset.ts'
import type { DataOrder } from './fill-database.ts'

/** Raised when staging itself changes, so that old stages in a cache are not taken for new ones. */
const stageVersion = 2

/** One database that variants are measured on. */
export interface StagePlan {
  readonly dataset: Dataset
  readonly data: DataOrder
  /** Names of migrations after `initial`, in the order of their application. */
  readonly migrations: readonly string[]
  readonly statistics: 'none' | 'analyzed'
  /** Folder of a project's migrations on top of those of the dataset, see `datasetMigrations`. */
  readonly migrationsFolder?: string | undefined
}

/** What a stage stands on: changes of these make another database of the same plan. */
export interface StageGround {
  /** Digest of the dataset's rows. */
  readonly dataDigest: string
  /** Checksums of `initial` and of the plan's migrations. */
  readonly checksums: readonly string[]
  readonly engineVersion: string
}

/** Name of the cache entry: equal for two plans if and only if they give the same database. */
export function stageKey({ data, migrations, statistics }: StagePlan, ground: StageGround): string {
  // Where migrations lie makes no difference: their checksums are part of the ground.
  const text = JSON.stringify([stageVersion, { data, migrations, statistics }, ground])
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
