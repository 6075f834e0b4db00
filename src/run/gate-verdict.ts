import type { DecisionWord, OperationDecision } from '../measure/decide-gate.ts'

/** What a gate says of one operation. */
export interface GateOperationVerdict {
  readonly operation: string
  readonly title: string
  readonly word: DecisionWord
  readonly decision: OperationDecision
  /** Median over slices of the sides' 95th percentiles. */
  readonly baselineP95Ns: number | null
  readonly candidateP95Ns: number | null
  readonly pairs: number
  readonly samplesPerSide: number
}

/** What a gate's Run says; recomputed from its pairs. */
export interface GateVerdict {
  readonly word: DecisionWord
  /** Worst first. */
  readonly operations: readonly GateOperationVerdict[]
  /** Why it must not be believed, or why it was cut short; null otherwise. */
  readonly note: string | null
}
