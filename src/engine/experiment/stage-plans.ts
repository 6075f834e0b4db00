import { errorAt } from '../../core/error-text.ts'
import type { Stage } from '../../stage/stage.ts'
import { stageDatabases } from '../../stage/stage-databases.ts'
import type { StagePlan } from '../../stage/stage-plan.ts'
import type { MeasureOptions } from './measurement.ts'

/**
 * A database for every plan of a scenario, in their order, with word of how far they are.
 * @throws UsageError or TargetError when one cannot be made
 */
export const stagePlans = (
  scenario: string,
  plans: readonly StagePlan[],
  { emit, signal }: Pick<MeasureOptions, 'emit' | 'signal'>,
): Promise<readonly Stage[]> =>
  stageDatabases(plans, {
    signal,
    onSeeding: (rowsDone, rowsTotal) => emit({ kind: 'seeding', rowsDone, rowsTotal }),
    onStaged: (done, total) => emit({ kind: 'progress', scenario, step: 'staging databases', done, total }),
    onNote: (message) => emit({ kind: 'warning', scenario, message }),
  }).catch((error: unknown) => {
    throw errorAt(scenario, error)
  })
