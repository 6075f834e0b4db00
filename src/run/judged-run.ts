import type { ComparisonVerdict } from './comparison-verdict.ts'
import type { GateRun } from './gate/gate-run.ts'
import type { GateVerdict } from './gate/gate-verdict.ts'
import type { LoadComparison } from './load/load-comparison.ts'
import type { LoadRun } from './load/load-run.ts'
import type { LoadVerdict } from './load/load-verdict.ts'
import type { Run } from './run.ts'
import type { SweepRun } from './sweep/sweep-run.ts'
import type { SweepVerdict } from './sweep/sweep-verdict.ts'
import type { RunVerdict } from './verdict.ts'

/**
 * A run of any kind with what it says; what reports are made of. `gate` is what a pipeline acts on: null where nothing
 * asks for a yes or no.
 */
export type JudgedRun = { readonly gate: GateVerdict | null } & (
  | { readonly kind: 'scenarios'; readonly run: Run; readonly verdict: RunVerdict }
  | { readonly kind: 'gate'; readonly run: GateRun; readonly gate: GateVerdict }
  | { readonly kind: 'load'; readonly run: LoadRun; readonly verdict: LoadVerdict }
  | { readonly kind: 'load-comparison'; readonly run: LoadComparison; readonly verdict: ComparisonVerdict }
  | { readonly kind: 'sweep'; readonly run: SweepRun; readonly verdict: SweepVerdict }
)
