import type { LoadEvent } from '../../load/engine.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import type { DatasetApi } from '../../scenario/dataset.ts'
import type { LoadedProfile } from '../../scenario/load-profile/load-profile-file.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { Datasets } from '../../scenario/resolve-dataset.ts'
import type { ServedVariant } from './compared-servers.ts'
import type { ComparisonCollector } from './comparison-collector.ts'
import type { PlannedLoad } from './plan-comparison.ts'

export interface CompareVariantsOptions {
  /** Ids of variants such as `baseline`, `composite` or `baseline:no-stats`; the first is what others are compared with. */
  readonly variants: readonly string[]
  /** Id or path of the scenario that has them. */
  readonly scenario: string
  /** What scenarios may stand on. */
  readonly datasets: Datasets
  /** Id or path of the load profile. */
  readonly profile: string
  /** Undefined: the profile's first mix, and `reads` where it has one. */
  readonly mix: string | undefined
  readonly engine: LoadComparison['settings']['engine']
  readonly model: LoadComparison['settings']['model']
  readonly scale: number
  readonly seed: number
  /** About how long it takes once databases are staged. */
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
  readonly timeoutMs: number
  /** Version of forgebench. */
  readonly version: string
  readonly signal: AbortSignal
  readonly emit: (event: LoadEvent) => void
}

/** Seven rounds give a 95.3 % confidence interval, and a minute holds them. */
export const comparisonDefaults = { rounds: 7, seconds: 60, connections: 16 } as const

/** A comparison that is ready to start: what every step needs. */
export interface PreparedComparison {
  readonly options: CompareVariantsOptions
  readonly scenario: LoadedScenario
  /** What serves the databases. */
  readonly api: DatasetApi
  readonly profile: LoadedProfile
  readonly variants: readonly ServedVariant[]
  readonly loads: readonly PlannedLoad[]
  readonly blocksPerRound: number
  readonly sliceSeconds: number
  /** Digest of the dataset's rows. */
  readonly seedDigest: string
  /** JSON file with the rows that requests are made of, drawn from the first variant's database. */
  readonly dataPath: string
  readonly dataDigest: string
  readonly collector: ComparisonCollector
}
