import { defaultDriver, type DriverName } from '../target/drivers.ts'
import { expandVariants } from './expand.ts'
import type { LoadedScenario } from './load.ts'
import type { Variant } from './scenario.ts'

/**
 * The scenario with every variant measured through one driver. Variants that are there for another driver are left out:
 * they would be the same as those that they are compared with.
 */
export function withDriver(loaded: LoadedScenario, driver: DriverName = defaultDriver): LoadedScenario {
  if (driver === defaultDriver) return loaded
  const { variants, budgets, statistics } = loaded.scenario
  const kept = variants.filter((variant) => variant.role !== 'driver')
  const isKept = (id: string | undefined): id is string => kept.some((variant) => variant.id === id)
  const through = kept.map(({ versus, ...variant }): Variant => ({
    ...variant,
    driver,
    ...(isKept(versus) ? { versus } : {}),
  }))
  const ids = expandVariants({ variants: through, ...(statistics && { statistics }) }).map(({ id }) => id)
  const keptBudgets = budgets?.filter(({ variant }) => ids.includes(variant))
  return {
    ...loaded,
    scenario: { ...loaded.scenario, variants: through, ...(keptBudgets && { budgets: keptBudgets }) },
  }
}
