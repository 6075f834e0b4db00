import { defaultDriver, type DriverName } from '../target/drivers.ts'
import type { StatisticsState, Variant } from './scenario.ts'

/** A variant in one statistics state: what is measured side by side. */
export interface ExpandedVariant extends Omit<Variant, 'statistics' | 'driver' | 'versus'> {
  /** Unique in the scenario, such as `composite` and `composite:no-stats`. A name to show, never one to take apart. */
  readonly id: string
  readonly statistics: StatisticsState
  readonly driver: DriverName
  /** Of a variant without statistics: id of the same one with them, where that is measured too; else null. */
  readonly analyzedTwin: string | null
  /** Id of the measured variant it is compared with; null for the baseline. */
  readonly versus: string | null
}

/** Writes are measured on one of two twins: statistics cost writes nothing. */
export const measuresWrites = ({ analyzedTwin }: Pick<ExpandedVariant, 'analyzedTwin'>): boolean =>
  analyzedTwin === null

const defaultStatistics: readonly StatisticsState[] = ['analyzed', 'none']

/**
 * The variants of a scenario in each of their statistics states. The state `analyzed` keeps the variant's id, `none`
 * gets `:no-stats` behind it unless it is the only one. A variant is compared with its `versus` in the same state where
 * that is measured; the baseline without statistics is compared with the baseline that has them.
 */
export function expandVariants(scenario: {
  readonly variants: readonly Variant[]
  readonly statistics?: readonly StatisticsState[]
}): readonly ExpandedVariant[] {
  const [baseline] = scenario.variants
  const states = new Map(
    scenario.variants.map(({ id, statistics }) => [
      id,
      statistics ?? scenario.statistics ?? defaultStatistics,
    ]),
  )
  const hasTwin = (variant: string, state: StatisticsState): boolean => {
    const measured = states.get(variant) ?? []
    return state === 'none' && measured.includes('none') && measured.length > 1
  }
  const idIn = (variant: string, state: StatisticsState): string =>
    hasTwin(variant, state) ? `${variant}:no-stats` : variant
  return scenario.variants.flatMap((variant) =>
    (states.get(variant.id) ?? []).map((statistics): ExpandedVariant => {
      const analyzedTwin = hasTwin(variant.id, statistics) ? variant.id : null
      const other = variant.versus ?? baseline?.id
      const versus =
        variant.id === baseline?.id || other === undefined ? analyzedTwin : idIn(other, statistics)
      const { driver = defaultDriver } = variant
      return { ...variant, id: idIn(variant.id, statistics), statistics, driver, analyzedTwin, versus }
    }),
  )
}
