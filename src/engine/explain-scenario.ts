import type { LoadedScenario } from '../scenario/load.ts'
import { expandVariants } from '../scenario/expand.ts'
import { describePlan, planFingerprint, readPlan } from '../schema/plan.ts'
import { explainQueryPlan, type ExplainRow } from '../target/explain.ts'
import { NativeConnection } from '../target/native.ts'
import { argumentTuples, drawRowids } from './draw-arguments.ts'
import type { MeasureOptions } from './measurement.ts'
import { stagePlanOf } from './measurement.ts'
import { stagePlans } from './stage-plans.ts'
import { changeOf, planLines } from './plan-lines.ts'
import { streamKey } from '../random/hash.ts'

/** The plan of one operation on one variant. */
export interface ExplainedVariant {
  readonly variant: string
  readonly summary: string
  readonly fingerprint: string
  /** What differs from the variant it is compared with; empty for none. */
  readonly change: string
  readonly lines: readonly string[]
}

export interface ExplainedOperation {
  readonly operation: string
  readonly title: string
  readonly sql: string
  readonly variants: readonly ExplainedVariant[]
}

/**
 * Plans of every operation on every variant of a scenario, with drawn arguments bound; nothing is timed. Variants that
 * differ in the driver alone are left out: the plan is the engine's.
 */
export async function explainScenario(
  loaded: LoadedScenario,
  options: Pick<MeasureOptions, 'scale' | 'seed' | 'emit' | 'signal'>,
): Promise<readonly ExplainedOperation[]> {
  const { seed } = options
  const variants = expandVariants(loaded.scenario).filter(({ driver }) => driver !== '@libsql/client')
  const plans = variants.map((variant) => stagePlanOf(variant, options, loaded))
  const stages = await stagePlans(loaded.id, plans, options)
  return loaded.scenario.operations.map((operation) => {
    const key = streamKey(seed, loaded.id, operation.id)
    const rowids = withConnection(stages[0]?.path ?? '', (connection) =>
      drawRowids(connection, operation.draw, 1, key),
    )
    const explained = new Map<string, readonly ExplainRow[]>()
    for (const [index, variant] of variants.entries()) {
      const path = stages[index]?.path ?? ''
      const [args = []] = withConnection(path, (connection) =>
        argumentTuples(connection, operation, rowids, 1, key),
      )
      explained.set(variant.id, explainQueryPlan(path, operation.sql, args))
    }
    return {
      operation: operation.id,
      title: operation.title,
      sql: operation.sql,
      variants: variants.map(({ id, versus }) => explainedVariant(id, versus, explained)),
    }
  })
}

function explainedVariant(
  variant: string,
  versus: string | null,
  explained: ReadonlyMap<string, readonly ExplainRow[]>,
): ExplainedVariant {
  const rows = explained.get(variant) ?? []
  const before = versus === null ? undefined : explained.get(versus)
  const plan = readPlan(rows)
  return {
    variant,
    summary: describePlan(plan),
    fingerprint: planFingerprint(plan),
    change: before === undefined ? '' : changeOf(readPlan(before), plan),
    lines: planLines(rows),
  }
}

function withConnection<T>(path: string, work: (connection: NativeConnection) => T): T {
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    return work(connection)
  } finally {
    connection.close()
  }
}
