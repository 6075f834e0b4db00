import type { GateOperation, GateQuantile } from '../../stats/decide-gate.ts'
import { roundEvidence } from '../../stats/round-evidence.ts'
import type { SampledRound } from '../../stats/sampled-slice.ts'
import { gateSides } from './gate-run.ts'
import type { Timing } from '../run.ts'
import { sampledRounds } from '../timed-rounds.ts'

/** What the rounds of each operation say, as `decideGate` takes it; an operation without timings has none. */
export function gateOperations(
  timings: readonly Timing[],
  operations: readonly string[],
  quantile: GateQuantile,
): readonly GateOperation[] {
  const roundsOf = (operation: string, side: string): readonly SampledRound[] => {
    const found = timings.find((timing) => timing.operation === operation && timing.variant === side)
    return found === undefined ? [] : sampledRounds(found)
  }
  return operations.map((id) => {
    const baseline = new Map(roundsOf(id, gateSides.baseline).map((each) => [each.round, each]))
    const rounds = roundsOf(id, gateSides.candidate).flatMap((candidate) => {
      const other = baseline.get(candidate.round)
      return other === undefined ? [] : [roundEvidence(candidate, other, quantile)]
    })
    return { id, rounds }
  })
}
