import { isGateRun, isLoadComparison, isLoadRun, isSweepRun, type AnyRun } from '../run/any-run.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import type { GateVerdict } from '../run/gate/gate-verdict.ts'
import type { Run } from '../run/run.ts'
import type { RunVerdict } from '../run/verdict.ts'
import { judgeBudgets } from './gate/budgets.ts'
import { judgeClaims } from './claims/claims.ts'
import { compareTimings } from './compare-timings.ts'
import { judgeGate } from './gate/gate.ts'
import { judgeLoadGate } from './gate/gate-load.ts'
import { gateVerdict } from './gate/gate-status.ts'
import { judgeComparison } from './load/judge-comparison.ts'
import { judgeLoad } from './load/judge-load.ts'
import { judgeSweeps } from './sweep/judge-sweeps.ts'

/** Judges a run of any kind by its file alone. */
export function judgeRun(run: AnyRun): JudgedRun {
  if (isGateRun(run)) return { kind: 'gate', run, gate: judgeGate(run) }
  if (isLoadRun(run)) {
    const verdict = judgeLoad(run)
    return { kind: 'load', run, verdict, gate: judgeLoadGate(run, verdict) }
  }
  if (isLoadComparison(run))
    return { kind: 'load-comparison', run, verdict: judgeComparison(run), gate: null }
  if (isSweepRun(run)) return { kind: 'sweep', run, verdict: judgeSweeps(run), gate: null }
  return { kind: 'scenarios', run, verdict: judgeScenarios(run), gate: judgeBudgetGate(run) }
}

/** What a run of scenarios says, from its file alone. */
export const judgeScenarios = (run: Run): RunVerdict => ({
  claims: judgeClaims(run),
  comparisons: compareTimings(run),
})

/** What the budgets of a Run's scenarios say; null when there are none. */
export function judgeBudgetGate({ scenarios }: Run): GateVerdict | null {
  const judged = scenarios.filter(({ budgets = [] }) => budgets.length > 0)
  if (judged.length === 0) return null
  return gateVerdict(
    judged.flatMap((scenario) => judgeBudgets(scenario)),
    judged.flatMap(({ id, complete }) => (complete ? [] : [`${id} was cut short`])),
  )
}
