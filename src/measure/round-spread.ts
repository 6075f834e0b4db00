import { hodgesLehmann } from '../stats/hodges-lehmann.ts'
import type { SliceSeries } from './round-effects.ts'

/**
 * Standard deviation over rounds of the logarithm of a round's level: how far fresh processes differ, as a share. 0 for
 * fewer than two rounds.
 */
export function roundSpread({ round, value }: SliceSeries): number {
  const numbers = [...new Set(round)]
  const levels = numbers.map((number) =>
    hodgesLehmann(value.filter((_, i) => round[i] === number).map(Math.log)),
  )
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length
  const squares = levels.reduce((sum, level) => sum + (level - mean) ** 2, 0)
  return levels.length < 2 ? 0 : Math.sqrt(squares / (levels.length - 1))
}
