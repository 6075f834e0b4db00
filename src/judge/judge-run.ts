import { isGateRun, isLoadComparison, isLoadRun, type AnyRun } from '../run/any-run.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import { judgeClaims } from './claims.ts'
import { judgeGate } from './gate.ts'
import { judgeComparison } from './load-comparison.ts'
import { judgeLoad } from './load.ts'

/** Judges a run of any kind by its file alone. */
export function judgeRun(run: AnyRun): JudgedRun {
  if (isGateRun(run)) return { kind: 'gate', run, gate: judgeGate(run) }
  if (isLoadRun(run)) return { kind: 'load', run, verdict: judgeLoad(run), gate: null }
  if (isLoadComparison(run))
    return { kind: 'load-comparison', run, verdict: judgeComparison(run), gate: null }
  return { kind: 'scenarios', run, verdicts: judgeClaims(run), gate: null }
}
