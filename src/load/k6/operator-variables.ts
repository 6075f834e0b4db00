import type { LoadRun } from '../../run/load-run.ts'
import type { LoadPlan } from '../load-plan.ts'
import { k6Variables } from './k6-variables.ts'

/** The variables of one pod among several, those that say nothing left out. */
export function operatorVariables(
  plan: LoadPlan,
  { parallelism, thresholds }: { readonly parallelism: number; readonly thresholds: LoadRun['thresholds'] },
): Readonly<Record<string, string>> {
  const variables = { ...k6Variables(plan, thresholds), SEGMENTS: String(parallelism), SUMMARY: 'stdout' }
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
}
