import type { LoadedScenario } from '../../scenario/load.ts'
import { expandVariants, type MeasuredVariant } from '../../scenario/expand.ts'
import { stagePlans } from './stage-plans.ts'
import { stagePlanOf, type MeasureOptions, type Measurement } from './measurement.ts'

/**
 * A scenario with a database for each of its variants in each of their statistics states, or for those given, ready to
 * be measured.
 * @throws UsageError or TargetError when a database cannot be made
 */
export async function stageScenario(
  loaded: LoadedScenario,
  options: MeasureOptions,
  variants: readonly MeasuredVariant[] = expandVariants(loaded.scenario),
): Promise<Measurement> {
  const plans = variants.map((variant) => stagePlanOf(variant, options, loaded))
  const stages = await stagePlans(loaded.id, plans, options)
  return { loaded, variants, stages, options }
}
