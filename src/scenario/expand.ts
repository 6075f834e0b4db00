import type { StatisticsState, Variant } from './scenario.ts'

/** A variant in one statistics state: what is measured side by side. */
export interface MeasuredVariant extends Omit<Variant, 'statistics' | 'versus'> {
  /** Unique in the scenario, such as `composite` and `composite:no-stats`. */
  readonly id: string
  readonly statistics: StatisticsState
  /** Id of the measured variant it is compared with; null for the baseline. */
  readonly versus: string | null
}

const defaultStatistics: readonly StatisticsState[] = ['analyzed', 'none']

/**
 * The variants of a scenario in each of their statistics states. The state `analyzed` keeps the variant's id, `none`
 * gets `:no-stats` behind it unless it is the only one. A variant is compared with its `versus` in the same state where
 * that is measured; the baseline without statistics is compared with the baseline that has them.
 */
export function expandVariants(scenario: {
  readonly variants: readonly Variant[]
  readonly statistics?: readonly StatisticsState[]
}): readonly MeasuredVariant[] {
  const [baseline] = scenario.variants
  const states = new Map(
    scenario.variants.map(({ id, statistics }) => [
      id,
      statistics ?? scenario.statistics ?? defaultStatistics,
    ]),
  )
  const idIn = (variant: string, state: StatisticsState): string => {
    const measured = states.get(variant) ?? []
    return state === 'none' && measured.includes('none') && measured.length > 1
      ? `${variant}:no-stats`
      : variant
  }
  return scenario.variants.flatMap((variant) =>
    (states.get(variant.id) ?? []).map((statistics): MeasuredVariant => {
      const id = idIn(variant.id, statistics)
      const other = variant.versus ?? baseline?.id ?? ''
      const baselineVersus = id === variant.id ? null : variant.id
      const versus = variant.id === baseline?.id ? baselineVersus : idIn(other, statistics)
      return { ...variant, id, statistics, versus }
    }),
  )
}
