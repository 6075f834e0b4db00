import type { Goal } from '../bench-report.ts'
import type { AskedSchedule } from '../calibration/expected.ts'
import { spreadOf } from '../spread.ts'
import type { TruthCase } from './truth-cases.ts'
import {
  againstSchedule,
  againstServer,
  closedShare,
  failedShare,
  type Deviation,
  type TruthResult,
} from './truth-table.ts'

const allowedShare = 0.01
const allowedMs = 0.3
const allowedLoss = 0.002

/** The promises of `open` about truth, from the medians over repetitions. */
export function truthGoals(
  cases: readonly TruthCase[],
  schedule: AskedSchedule,
  resultsOf: (caseId: string) => readonly TruthResult[],
): readonly Goal[] {
  return cases.flatMap((truthCase) =>
    resultsOf(truthCase.id)
      .filter(({ entry, runs }) => entry.tool.name === 'open' && runs.length > 0)
      .flatMap((result) =>
        truthCase.id === 'closing' ? [lossGoal(result)] : latencyGoals(truthCase, schedule, result),
      ),
  )
}

function latencyGoals(truthCase: TruthCase, schedule: AskedSchedule, result: TruthResult): readonly Goal[] {
  const { entry, runs } = result
  // With too few connections for a stall the server does not see the requests that wait for one: their wait is real,
  // and only the schedule knows of it.
  const isStarved = truthCase.id === 'stall' && entry.connections < schedule.ratePerSec * 3
  return ([0.95, 0.99] as const).map((q) => {
    const found = isStarved ? againstSchedule(truthCase, schedule, runs, q) : againstServer(runs, q)
    const against = isStarved ? 'the schedule' : "the server's truth"
    return {
      promise: `${truthCase.id}, ${entry.connections} connections: P${q * 100} of open within 1 % or 0.3 ms of ${against}`,
      measured: showDeviation(found),
      met: Math.abs(found.error.median) <= allowedShare || Math.abs(found.errorMs.median) <= allowedMs,
    }
  })
}

const showDeviation = ({ saysMs, truthMs, errorMs, error }: Deviation): string =>
  `${saysMs.median.toFixed(2)} ms, true ${truthMs.median.toFixed(2)} ms: ${errorMs.median.toFixed(2)} ms or ${(error.median * 100).toFixed(2)} %`

function lossGoal({ entry, runs }: TruthResult): Goal {
  const differences = spreadOf(runs.map((run) => Math.abs(failedShare(run) - closedShare(run))))
  const says = spreadOf(runs.map(failedShare)).median
  return {
    promise: `closing, ${entry.connections} connections: open reports 10.0 % ± 0.2 %`,
    measured: `${(says * 100).toFixed(2)} %, at most ${(differences.max * 100).toFixed(2)} % from the truth`,
    met: Math.abs(says - 0.1) <= allowedLoss && differences.max <= allowedLoss,
  }
}
