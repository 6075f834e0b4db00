import { mergedBudgets } from '../../scenario/budget.ts'
import type { ScenarioRun, VariantRun, Evidence } from '../../run/run.ts'
import { describePlan, planFingerprint, readPlan, sortsRows, type PlanNode } from '../../schema/plan.ts'
import type { ExplainRow } from '../../target/connection.ts'
import { defaultDriver } from '../../target/drivers.ts'
import type { VariantEvidence } from './evidence/variant-evidence.ts'
import type { Measurement } from './measurement.ts'
import { tuplesOfRead, writeTuples } from './sampling.ts'
import { changeOf, planLines } from './plan-lines.ts'
import type { Findings } from './findings.ts'

/** Puts the findings of a scenario into the form of a Run. */
export function assembleScenarioRun(
  measurement: Measurement,
  claims: ScenarioRun['claims'],
  findings: Findings,
): ScenarioRun {
  const { loaded, variants, options } = measurement
  const drivers = new Map(variants.map(({ id, driver }) => [id, driver]))
  const budgets = mergedBudgets(loaded.scenario.budgets ?? [])
  return {
    id: loaded.id,
    title: loaded.scenario.title,
    why: loaded.scenario.why,
    fileDigest: loaded.fileDigest,
    dataset: {
      name: loaded.dataset.name,
      rows: 'version' in loaded.dataset.fill ? 'of-scale-and-seed' : 'as-it-is',
    },
    dataDigests: Object.fromEntries(variants.map(({ stage }) => [stage.plan.data.ids, stage.dataDigest])),
    variants: variantRuns(measurement, findings),
    operations: loaded.scenario.operations.map((operation) => ({
      id: operation.id,
      kind: operation.kind,
      title: operation.title,
      sql: operation.sql,
      argumentTuples:
        operation.kind === 'read'
          ? tuplesOfRead(options.sampling)
          : writeTuples(operation.statementsPerTransaction, options.sampling),
      statementsPerSample: operation.kind === 'read' ? 1 : operation.statementsPerTransaction,
    })),
    evidence: evidenceRuns(measurement, findings.evidence ?? []),
    timings: findings.timings.timings((variant) => drivers.get(variant) ?? defaultDriver),
    clientWork: findings.clientWork ?? [],
    claims,
    warnings: findings.warnings,
    ...(budgets.length === 0 ? {} : { budgets }),
    ...(findings.cost === undefined ? {} : { cost: findings.cost }),
    complete: findings.complete,
  }
}

function variantRuns({ variants }: Measurement, findings: Findings): readonly VariantRun[] {
  return variants.map((variant): VariantRun => {
    const { stage } = variant
    const cacheMemoryBytes = findings.caches?.get(variant.id)
    return {
      id: variant.id,
      title: variant.title,
      role: variant.role,
      migrations: variant.migrations,
      statistics: variant.statistics,
      ids: variant.ids ?? 'v4',
      driver: variant.driver,
      versus: variant.versus,
      pragmas: stage.pragmas,
      fileBytes: stage.fileBytes,
      objects: stage.objects.map(({ name, kind, table, pages, bytes }) => ({
        name,
        kind,
        table,
        pages,
        bytes,
      })),
      indexBuilds: findings.builds?.get(variant.id) ?? [],
      ...(cacheMemoryBytes === undefined ? {} : { cacheMemoryBytes }),
    }
  })
}

function evidenceRuns({ variants }: Measurement, evidence: readonly VariantEvidence[]): readonly Evidence[] {
  const explainOf = (variant: string | null, operation: string): readonly ExplainRow[] | undefined =>
    evidence
      .find((entry) => entry.variant === variant)
      ?.operations.find((entry) => entry.operation === operation)?.explain
  return evidence.flatMap(({ variant, operations }) => {
    const own = variants.find(({ id }) => id === variant)
    const versus = own?.versus ?? null
    const isOneEngine = variants.find(({ id }) => id === versus)?.driver === own?.driver
    return operations.map((found): Evidence => {
      const plan = readPlan(found.explain)
      const before = explainOf(versus, found.operation)
      return {
        operation: found.operation,
        variant,
        argumentsDigest: found.argumentsDigest,
        answerDigest: found.answerDigest,
        rows: found.rows,
        executions: found.executions,
        plan: {
          summary: describePlan(plan),
          fingerprint: planFingerprint(plan),
          change:
            before === undefined || found.difference?.kind === 'refused'
              ? ''
              : changeOf(...comparablePlans(readPlan(before), plan, isOneEngine)),
          lines: planLines(found.explain),
          tempBTree: sortsRows(plan),
        },
        counters: found.counters,
        ...(found.difference === undefined ? {} : { difference: found.difference }),
        ...(found.unsteady === undefined || found.unsteady.length === 0 ? {} : { unsteady: found.unsteady }),
      }
    })
  })
}

/** Between engines an index that covers the statement is the same access: not every engine says so. */
function comparablePlans(
  before: readonly PlanNode[],
  after: readonly PlanNode[],
  isOneEngine: boolean,
): [readonly PlanNode[], readonly PlanNode[]] {
  const bare = (nodes: readonly PlanNode[]): readonly PlanNode[] =>
    nodes.map((node) => ('covering' in node ? { ...node, covering: false } : node))
  return isOneEngine ? [before, after] : [bare(before), bare(after)]
}
