import { decideGate, type OperationDecision } from '../measure/decide-gate.ts'
import { quantile, sortNumbers } from '../measure/quantile.ts'
import { gateOperations } from '../run/gate-operations.ts'
import { gateSides, type GateRun } from '../run/gate-run.ts'
import type { GateOperationVerdict, GateVerdict } from '../run/gate-verdict.ts'
import { sampleCount } from '../run/slice-series.ts'

const worstFirst = ['invalid', 'fail', 'inconclusive', 'improved', 'pass'] as const

/** What a gate's Run says, from its pairs alone. Writes are not judged by time. */
export function judgeGate(run: GateRun): GateVerdict {
  const judged = run.scenario.operations.filter(({ kind }) => kind === 'read').map(({ id }) => id)
  const { word, operations } = decideGate(gateOperations(run.scenario.timings, judged), run.settings.rule)
  const cutShort = run.cutShort === null ? null : `cut short: ${run.cutShort}`
  const timeUp = word === 'undecided' ? `stopped after ${run.rounds.length} rounds, undecided` : null
  return {
    word: word === 'undecided' ? 'inconclusive' : word,
    operations: operations
      .map((decision) => operationVerdict(run, decision))
      .toSorted((a, b) => worstFirst.indexOf(a.word) - worstFirst.indexOf(b.word)),
    note: cutShort ?? timeUp,
  }
}

function operationVerdict({ scenario }: GateRun, decision: OperationDecision): GateOperationVerdict {
  const { operation } = decision
  const slicesOf = (side: string) =>
    scenario.timings.find((timing) => timing.operation === operation && timing.variant === side)?.slices
  const baseline = slicesOf(gateSides.baseline)
  const candidate = slicesOf(gateSides.candidate)
  const median = (values: readonly number[] = []): number | null =>
    values.length === 0 ? null : quantile(sortNumbers(values), 0.5)
  return {
    operation,
    title: scenario.operations.find(({ id }) => id === operation)?.title ?? operation,
    word: decision.word === 'undecided' ? 'inconclusive' : decision.word,
    decision,
    baselineP95Ns: median(baseline?.p95Ns),
    candidateP95Ns: median(candidate?.p95Ns),
    pairs: candidate?.round.length ?? 0,
    samplesPerSide: candidate === undefined ? 0 : sampleCount(candidate),
  }
}
