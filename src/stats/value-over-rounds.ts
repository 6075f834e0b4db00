import { hodgesLehmann } from './hodges-lehmann.ts'
import { signedRankInterval, type Interval } from './signed-rank.ts'

/** What rounds say of a quantity that each of them gave one number for. The round is the unit of inference. */
export type ValueOverRounds =
  | { readonly state: 'measured'; readonly rounds: number; readonly interval: Interval }
  /** Too few rounds for the confidence: only an estimate stands. */
  | { readonly state: 'too-few-rounds'; readonly rounds: number; readonly estimate: number }
  | { readonly state: 'nothing' }

/**
 * The centre of values over rounds (Hodges-Lehmann) with its exact signed-rank interval. Values that are all above 0 are
 * taken as logarithms, in which a machine's noise is more nearly symmetric; others, such as counts of failures, as they are.
 */
export function levelOverRounds(values: readonly number[], confidence: number): ValueOverRounds {
  const isPositive = values.every((value) => value > 0)
  return isPositive
    ? mapped(centreOf(values.map(Math.log), confidence), Math.exp)
    : centreOf(values, confidence)
}

/** A ratio over rounds, from ln(candidate / baseline) of each. */
export const ratioOverRounds = (effects: readonly number[], confidence: number): ValueOverRounds =>
  mapped(centreOf(effects, confidence), Math.exp)

function centreOf(values: readonly number[], confidence: number): ValueOverRounds {
  if (values.length === 0) return { state: 'nothing' }
  const estimate = hodgesLehmann(values)
  const interval = signedRankInterval(values, confidence, estimate)
  return interval === undefined
    ? { state: 'too-few-rounds', rounds: values.length, estimate }
    : { state: 'measured', rounds: values.length, interval }
}

function mapped(over: ValueOverRounds, scale: (value: number) => number): ValueOverRounds {
  switch (over.state) {
    case 'measured': {
      const { estimate, low, high } = over.interval
      return {
        ...over,
        interval: { ...over.interval, estimate: scale(estimate), low: scale(low), high: scale(high) },
      }
    }
    case 'too-few-rounds':
      return { ...over, estimate: scale(over.estimate) }
    case 'nothing':
      return over
  }
}
