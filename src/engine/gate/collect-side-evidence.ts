import { askAll } from '../experiment/evidence/ask-all.ts'
import { withProblem } from '../experiment/evidence/evidence.ts'
import {
  variantEvidence,
  evidenceOperation,
  type VariantEvidence,
} from '../experiment/evidence/variant-evidence.ts'
import {
  compareAnswers,
  refuseEngineDifferences,
  type VariantAnswers,
} from '../experiment/evidence/compare-answers.ts'
import { withLimitedRowsRead } from '../experiment/evidence/count-rows.ts'
import type { Measurement } from '../experiment/measurement.ts'
import { openServer } from './sides/side-server.ts'
import { hasOwnForms, type DrawnOperation } from '../draw/drawn-operation.ts'
import { namingOperation } from '../../measure/operation-error.ts'
import type { StagedSide, StagedSides } from './stage-sides.ts'

/** What was seen without a clock. */
export interface SideEvidence {
  /** Of those sides whose counters and plans can be seen: the files. */
  readonly evidence: readonly VariantEvidence[]
  readonly answers: readonly VariantAnswers[]
}

/**
 * Answers of both sides, which must be alike; of files also plans and counters.
 * @throws InvalidMeasurementError when the sides disagree; TargetError when a server does not answer
 */
export async function collectSideEvidence(
  sides: StagedSides,
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
): Promise<SideEvidence> {
  const found = await variantEvidence(measurement, drawn)
  const evidence = await withLimitedRowsRead(measurement, drawn, found)
  const answers: VariantAnswers[] = []
  for (const { variant, database } of sides) {
    const found = evidence.find((entry) => entry.variant === variant.id)
    if (found !== undefined) answers.push(found)
    if (database.kind !== 'server') continue
    const reader = await openServer(database)
    try {
      const operations: VariantAnswers['operations'][number][] = []
      for (const operation of drawn) {
        const subject = `${measurement.loaded.id}: ${operation.operation.id} on ${variant.id}`
        operations.push(await namingOperation(subject, () => askServer(reader, operation, variant)))
      }
      answers.push({ variant: variant.id, operations })
    } finally {
      reader.close()
    }
  }
  compareAnswers(
    measurement.loaded,
    sides.map(({ variant }) => variant),
    answers,
  )
  refuseEngineDifferences(measurement.loaded, answers)
  return { evidence, answers }
}

async function askServer(
  reader: Awaited<ReturnType<typeof openServer>>,
  drawn: DrawnOperation,
  { id, versus }: StagedSide['variant'],
): Promise<VariantAnswers['operations'][number]> {
  const operation = evidenceOperation(drawn, id)
  if (operation?.kind !== 'read') throw new RangeError('a server is only read')
  const first = await askAll(reader, operation)
  const isAskedAgain = versus === null || hasOwnForms(drawn)
  const answers = isAskedAgain ? withProblem(first, await askAll(reader, operation)) : first
  return { operation: operation.id, executions: operation.args.length, ...answers }
}
