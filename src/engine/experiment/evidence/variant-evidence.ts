import type { AnswerOrder } from '../../../measure/answer.ts'
import { atMost } from '../../../core/at-most.ts'
import type { EvidenceOperation } from './ask-all.ts'
import type { EvidenceTask, OperationEvidence } from './evidence.ts'
import { loadDriver } from '../../../target/drivers.ts'
import { withCopies } from '../database-copies.ts'
import type { MeasuredVariant, Measurement } from '../measurement.ts'
import { hasOwnForms, type DrawnOperation } from '../../draw/drawn-operation.ts'
import { evidenceTuples } from '../sampling.ts'
import { namingUnreadableText } from './unreadable-text.ts'
import { inVariantProcess } from '../variant-process.ts'

/** What was found of one operation on one variant, counted once or twice. */
export interface CountedOperation extends OperationEvidence {
  /** Counters that a second count did not repeat; absent where they were counted once. */
  readonly unsteady?: readonly string[]
}

/** What was found on one variant, one entry an operation that it takes part in. */
export interface VariantEvidence {
  readonly variant: string
  readonly operations: readonly CountedOperation[]
}

const entry = new URL(`./evidence.process${import.meta.url.slice(-3)}`, import.meta.url)
const processesAtOnce = 2

/** Gathers answers, plans and counters of every variant, each in a process of its own. No clock runs here. */
export async function variantEvidence(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
): Promise<readonly VariantEvidence[]> {
  const { variants, loaded, options } = measurement
  let done = 0
  const gather = async (
    variant: MeasuredVariant,
    readPath: string,
    referencePath?: string,
  ): Promise<readonly OperationEvidence[]> => {
    const task: EvidenceTask = {
      scenario: loaded.id,
      variant: variant.id,
      readPath,
      ...(referencePath === undefined ? {} : { referencePath }),
      writePath: variant.clonePath,
      driver: variant.driver,
      asksAgain: variant === variants[0] || drawn.some(hasOwnForms),
      operations: drawn.flatMap((each) => evidenceOperation(each, variant.id) ?? []),
    }
    return inVariantProcess<EvidenceTask, readonly OperationEvidence[]>(
      measurement,
      variant,
      '',
      entry,
      task,
    ).catch(async (error: unknown) => {
      const reads = task.operations.filter(({ kind }) => kind === 'read')
      throw await namingUnreadableText(loaded.id, [{ variant: variant.id, path: readPath, reads }], error)
    })
  }
  return atMost(processesAtOnce, variants, async (variant) => {
    const { path } = variant.stage
    const { usesEmbeddedLibsql } = await loadDriver(variant.driver)
    // Another engine may leave something in a file that it only reads.
    const operations = usesEmbeddedLibsql
      ? await gather(variant, path)
      : await withCopies(async (copy) => gather(variant, await copy(path, `${variant.id}-read.db`), path))
    const step = 'comparing answers and counting'
    options.emit({ kind: 'progress', scenario: loaded.id, step, done: ++done, total: variants.length })
    return { variant: variant.id, operations }
  })
}

/** The evidence to take of an operation on one variant, or side of a gate; undefined where that takes no part in it. */
export function evidenceOperation(drawn: DrawnOperation, variant: string): EvidenceOperation | undefined {
  const side = drawn.sides.find((each) => each.variant === variant)
  if (side === undefined) return undefined
  const { operation, args } = side
  if (operation.kind === 'write') {
    return {
      id: operation.id,
      kind: 'write',
      sql: operation.sql,
      args: args.slice(0, operation.statementsPerTransaction),
    }
  }
  return {
    id: operation.id,
    kind: 'read',
    sql: operation.sql,
    args: args.slice(0, evidenceTuples),
    minRows: operation.rows.min,
    maxRows: operation.rows.max,
    order: commonOrder(drawn),
  }
}

/** How answers to several forms of one read may be compared: in the order that all of them declare. */
function commonOrder({ operation, sides }: DrawnOperation): AnswerOrder {
  const forms = [operation, ...sides.map((side) => side.operation)]
  const reads = forms.flatMap((form) => (form.kind === 'read' ? [form] : []))
  const [orderedBy, ...others] = reads.map((read) => read.orderedBy)
  const isCommon = others.every((other) => JSON.stringify(other) === JSON.stringify(orderedBy))
  return {
    pageSize: Math.min(...reads.map(({ rows }) => rows.max)),
    ...(orderedBy === undefined || !isCommon ? {} : { orderedBy }),
  }
}
