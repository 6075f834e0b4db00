import { isLoadRun, type AnyRun } from '../run/any-run.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import { judgeClaims } from './claims.ts'
import { judgeLoad } from './load.ts'

/** Judges a run of any kind by its file alone. */
export function judgeRun(run: AnyRun): JudgedRun {
  return isLoadRun(run)
    ? { kind: 'load', run, verdict: judgeLoad(run) }
    : { kind: 'scenarios', run, verdicts: judgeClaims(run) }
}
