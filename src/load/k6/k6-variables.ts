import { UsageError } from '../../core/errors.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import type { LoadModel, LoadPlan } from '../load-plan.ts'

/**
 * A plan as the variables that k6/script/settings.ts reads. Each is set, if to nothing, so that none of the
 * same name in the environment is taken for ours.
 * @throws UsageError K6_POISSON: k6 spaces arrivals evenly
 */
export function k6Variables(
  plan: LoadPlan,
  thresholds: LoadRun['thresholds'] | undefined,
): Readonly<Record<string, string>> {
  return {
    BASE_URL: plan.url,
    ...modelVariables(plan.model),
    STAGES: JSON.stringify(plan.stages),
    WARM_UP: String(plan.warmUpSeconds),
    DURATION: '',
    CONNECTIONS: String(plan.connections),
    MAX_CONNECTIONS: plan.maxConnections === undefined ? '' : String(plan.maxConnections),
    MIX: plan.mix,
    SEED: String(plan.seed),
    TIMEOUT: String(plan.timeoutMs),
    MAX_REQUESTS: String(plan.maxRequests),
    TOKEN_ENV: plan.tokenEnv ?? '',
    THRESHOLDS: thresholds === undefined ? '' : JSON.stringify(byMetric(thresholds)),
    SEGMENTS: '1',
    SUMMARY: '',
    DATA: '',
  }
}

function modelVariables(model: LoadModel): Readonly<Record<string, string>> {
  const none = { RATE: '', USERS: '', PEAK: '' }
  switch (model.kind) {
    case 'open-model':
      if (model.spacing === 'poisson') {
        throw new UsageError(
          'K6_POISSON',
          'k6 spaces arrivals evenly; leave out the Poisson spacing, or use --engine open',
        )
      }
      return { ...none, RATE: String(model.ratePerSec) }
    case 'closed-model':
      return { ...none, USERS: String(model.users) }
    case 'peak':
      return { ...none, PEAK: '1' }
  }
}

function byMetric(thresholds: LoadRun['thresholds']): Readonly<Record<string, readonly string[]>> {
  const expressions = new Map<string, string[]>()
  for (const { metric, expression } of thresholds) {
    const others = expressions.get(metric)
    if (others === undefined) expressions.set(metric, [expression])
    else others.push(expression)
  }
  return Object.fromEntries(expressions)
}

/** The variables of one pod among several, those that say nothing left out. */
export function operatorVariables(
  plan: LoadPlan,
  { parallelism, thresholds }: { readonly parallelism: number; readonly thresholds: LoadRun['thresholds'] },
): Readonly<Record<string, string>> {
  const variables = { ...k6Variables(plan, thresholds), SEGMENTS: String(parallelism), SUMMARY: 'stdout' }
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
}
