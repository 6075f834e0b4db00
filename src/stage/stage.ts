import type { StoredObject } from '../schema/sizes.ts'
import type { StagePlan } from './stage-plan.ts'
import type { StagedIndex } from './build-stage.ts'

/** A database ready to be measured; nobody writes to it any more. */
export interface Stage {
  readonly plan: StagePlan
  /** Absolute path of the database file. */
  readonly path: string
  /** Digest of the dataset's rows that it was made from. */
  readonly dataDigest: string
  readonly fileBytes: number
  readonly objects: readonly StoredObject[]
  readonly indexes: readonly StagedIndex[]
  /** Pragmas as a measured connection finds them. */
  readonly pragmas: Readonly<Record<string, string | number>>
}
