import { claimAnalyses } from '../../stats/decide-change.ts'
import type { InterimAnalysis } from '../../stats/interim-analyses.ts'

/** How long and how often a run measures. */
export interface Sampling {
  /** Rounds after which claims are judged, with the error that each may make; none: nothing is timed. */
  readonly analyses: readonly InterimAnalysis[]
  /** Time of a slice of every variant, in milliseconds. */
  readonly sliceMs: number
  /** Seconds, from the first scenario on, after which no round begins that the first judgement does not need. */
  readonly maxSeconds: number
  /** Transactions of a write in a round at most; 40 when absent. */
  readonly writeTransactions?: number
}

export const defaultSampling: Sampling = { analyses: claimAnalyses, sliceMs: 25, maxSeconds: 120 }

/** Two-sided confidence of every interval that is reported. */
export const confidence = 0.95

/** A single judgement after a number of rounds that somebody chose. */
export const fixedRounds = (rounds: number): readonly InterimAnalysis[] => [
  { rounds, alpha: (1 - confidence) / 2 },
]

/** Distinct argument tuples of a read; slices walk through them. */
export const readTuples = 512
/** Tuples of a read that answers and counters are taken from. */
export const evidenceTuples = 24

/** Tuples to draw for a read: those of the evidence alone where nothing is timed, which are the first of the others. */
export const tuplesOfRead = ({ analyses }: Pick<Sampling, 'analyses'>): number =>
  analyses.length === 0 ? evidenceTuples : readTuples

/** Transactions of a write in a round: each round begins on a fresh copy, so that all rounds may use the same tuples. */
const mostTransactions = 40

/** Tuples that a write needs: those of the longest round, or of the evidence alone where nothing is timed. */
export const writeTuples = (
  statementsPerTransaction: number,
  { analyses, writeTransactions = mostTransactions }: Pick<Sampling, 'analyses' | 'writeTransactions'>,
): number => statementsPerTransaction * (analyses.length === 0 ? 1 : writeTransactions)
