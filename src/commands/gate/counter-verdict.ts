import { Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { counterDifferences, differencesInWords, type Difference } from '../../judge/gate/comparable.ts'
import { judgeCounters } from '../../judge/gate/counters.ts'
import { joinVerdicts } from '../../judge/gate/gate-status.ts'
import { judgeBudgetGate } from '../../judge/judge-run.ts'
import type { GateVerdict } from '../../run/gate/gate-verdict.ts'
import type { Run } from '../../run/run.ts'
import { onlyMonthly } from '../../scenario/budget.ts'

/** `--force`: Runs that are not alike are judged, and a note says what differs. */
export const forceOption = (): Option =>
  new Option('--force', 'judge Runs together that are not alike; a note says what differs')

/** How Runs are called in messages, and whether differences are overruled. */
interface Comparison {
  readonly storedName: string
  readonly runName: string
  readonly force?: true
}

/**
 * What a Run's counters say against those of a stored one.
 * @throws UsageError RUNS_NOT_COMPARABLE, unless forced: then a note says what is not alike
 */
export function counterVerdict(
  stored: Run,
  run: Run,
  { storedName, runName, force }: Comparison,
): GateVerdict {
  const forced = refuseDifferences(counterDifferences(stored, run), `${runName} against ${storedName}`, force)
  const verdict = judgeCounters(stored, run)
  return { ...verdict, notes: [...forced, ...verdict.notes] }
}

/** The verdict on counters with those on the budgets on rows and money a month that a Run has. */
export function withMonthlyBudgets(counters: GateVerdict, run: Run): GateVerdict {
  const budgets = judgeBudgetGate({
    ...run,
    scenarios: run.scenarios.map((scenario) => ({
      ...scenario,
      budgets: (scenario.budgets ?? []).flatMap(onlyMonthly),
    })),
  })
  return budgets === null ? counters : joinVerdicts([counters, budgets])
}

/**
 * Nothing when there are no differences, a note when they are forced.
 * @throws UsageError RUNS_NOT_COMPARABLE
 */
export function refuseDifferences(
  differences: readonly Difference[],
  subject: string,
  force: true | undefined,
): readonly string[] {
  if (differences.length === 0) return []
  const words = differencesInWords(differences)
  if (force === true) return [`judged by force, though not alike: ${words}`]
  throw new UsageError(
    'RUNS_NOT_COMPARABLE',
    `cannot judge ${subject}: ${words}; or judge all the same with --force`,
  )
}
