import type { DatasetIds } from '../../scenario/dataset.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { expandVariants, type ExpandedVariant } from '../../scenario/expand.ts'
import type { Operation } from '../../scenario/scenario.ts'
import { describePlan, planFingerprint, readPlan } from '../../schema/plan.ts'
import type { ExplainRow } from '../../target/connection.ts'
import { defaultDriver, loadDriver } from '../../target/drivers.ts'
import type { Driver } from '../../target/driver.ts'
import { NativeConnection } from '../../target/native.ts'
import { argumentTuples, drawRows } from '../draw/draw-arguments.ts'
import type { MeasuredVariant, MeasureOptions } from '../experiment/measurement.ts'
import { withCopies } from '../experiment/database-copies.ts'
import { stageVariants } from '../experiment/stage-scenario.ts'
import { TaskConnections } from '../experiment/task-connections.ts'
import { namingOperation } from '../../measure/operation-error.ts'
import { changeOf, planLines } from '../experiment/plan-lines.ts'
import { streamKey } from '../../random/random.ts'

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
  const explainable = await variantsWithPlans(loaded)
  const variants = await stageVariants(
    loaded,
    explainable.map(({ variant }) => variant),
    options,
  )
  return withCopies(async (copy) => {
    const explainers: Explainer[] = []
    try {
      for (const [index, { id, stage }] of variants.entries()) {
        const driver = explainable[index]?.driver
        if (driver === undefined) continue
        // Another engine may leave something in a file that it only reads.
        const path = driver.usesEmbeddedLibsql ? stage.path : await copy(stage.path, `${id}.db`)
        explainers.push({ id, stagePath: stage.path, path, connections: new TaskConnections(driver) })
      }
      return await explainOperations(loaded, seed, variants, explainers)
    } finally {
      for (const { connections } of explainers) await connections.close()
    }
  })
}

/** Whom to ask for the plans of a variant, and where. */
interface Explainer {
  readonly id: string
  readonly stagePath: string
  readonly path: string
  readonly connections: TaskConnections
}

async function explainOperations(
  loaded: LoadedScenario,
  seed: number,
  variants: readonly MeasuredVariant[],
  explainers: readonly Explainer[],
): Promise<readonly ExplainedOperation[]> {
  const result: ExplainedOperation[] = []
  for (const operation of loaded.scenario.operations) {
    const explained = await explainOperation(
      operation,
      explainers,
      streamKey(seed, loaded.id, operation.id),
      loaded.dataset.ids,
    )
    result.push({
      operation: operation.id,
      title: operation.title,
      sql: operation.sql,
      variants: variants.map(({ id, versus }) => explainedVariant(id, versus, explained)),
    })
  }
  return result
}

/** The variants with a plan of their own: the driver is that of libSQL, or one whose engine plans itself. */
async function variantsWithPlans({
  scenario,
}: LoadedScenario): Promise<readonly { readonly variant: ExpandedVariant; readonly driver: Driver }[]> {
  const found = []
  for (const variant of expandVariants(scenario)) {
    const driver = await loadDriver(variant.driver)
    if (variant.driver === defaultDriver || !driver.usesEmbeddedLibsql) found.push({ variant, driver })
  }
  return found
}

async function explainOperation(
  operation: Operation,
  explainers: readonly Explainer[],
  key: number,
  ids: DatasetIds | undefined,
): Promise<ReadonlyMap<string, readonly ExplainRow[]>> {
  const explained = new Map<string, readonly ExplainRow[]>()
  const asked = explainers.map((explainer) => ({
    ...explainer,
    connection: new NativeConnection(explainer.stagePath, { readOnly: true }),
  }))
  const [baseline, ...others] = asked.map(({ connection }) => connection)
  if (baseline === undefined) return explained
  try {
    const rows = await drawRows([baseline, ...others], operation, 1, key)
    for (const { id, path, connections, connection } of asked) {
      const [args = []] = await argumentTuples(connection, operation, rows, 1, key, id, ids)
      const explain = (): Promise<readonly ExplainRow[]> => connections.explain(path, operation.sql, args)
      explained.set(id, await namingOperation(`operation ${operation.id} on ${id}`, explain))
    }
  } finally {
    for (const { connection } of asked) connection.close()
  }
  return explained
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
