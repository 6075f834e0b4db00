import type { ScenarioCost, VariantRun } from '../../run/run.ts'
import type { ClientWorkResult } from './client-work.ts'
import type { VariantEvidence } from './evidence/variant-evidence.ts'
import type { TimingCollector } from './timings.ts'

/** What the steps of a scenario found so far; steps that an interruption cut off are missing. */
export interface Findings {
  readonly timings: TimingCollector
  readonly warnings: string[]
  evidence?: readonly VariantEvidence[]
  builds?: ReadonlyMap<string, VariantRun['indexBuilds']>
  caches?: ReadonlyMap<string, readonly number[]>
  clientWork?: readonly ClientWorkResult[]
  cost?: ScenarioCost
  complete: boolean
}
