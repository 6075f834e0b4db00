import type { GateRun } from '../../run/gate/gate-run.ts'
import type { GateFinding } from '../../run/gate/gate-verdict.ts'

/** True where one side is a server and the other a file in this process: their times differ by the way as well. */
const isReachedDifferently = ({ baseline, candidate }: GateRun): boolean =>
  (baseline.source === 'server') !== (candidate.source === 'server')

/** A finding on time; inconclusive between sides that are reached differently. */
export function withoutTheWay(run: GateRun, finding: GateFinding): GateFinding {
  const isDecided = finding.status === 'improved' || finding.status === 'fail' || finding.status === 'pass'
  if (!isDecided || !isReachedDifferently(run)) return finding
  const reason = `${finding.reason}; not judged: one side is a server and the other a file, so the network and the driver are part of the difference`
  return { ...finding, status: 'inconclusive', reason }
}

/** What else than the change in question lies between the sides, one line each. */
export function differencesOfSides({ baseline, candidate }: GateRun): readonly string[] {
  const [before, after] = [baseline.statistics, candidate.statistics]
  if (before === undefined || after === undefined || before === after) return []
  const [analyzed, other] = before === 'analyzed' ? ['baseline', 'candidate'] : ['candidate', 'baseline']
  return [
    `the ${analyzed} is analyzed and the ${other} is not: their plans differ by statistics as well; run ANALYZE on both, or on neither`,
  ]
}
