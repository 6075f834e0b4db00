import type { OperationEvidence } from '../experiment/evidence.ts'
import { askAll, withProblem } from '../experiment/evidence.ts'
import { collectEvidence, evidenceOperation, type VariantEvidence } from '../experiment/collect-evidence.ts'
import { compareAnswers, type VariantAnswers } from '../experiment/compare-answers.ts'
import { withRowsRead } from '../experiment/count-rows-read.ts'
import type { Measurement } from '../experiment/measurement.ts'
import { openServer } from './sides/open-server.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import { namingOperation } from '../../measure/operation-error.ts'
import type { StagedSides } from './stage-sides.ts'
import type { WriteClones } from '../experiment/write-clones.ts'

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
export async function lookAtSides(
  sides: StagedSides,
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  clones: WriteClones,
): Promise<SideEvidence> {
  const files = fileArguments(sides, drawn)
  const evidence = await withRowsRead(measurement, files, await collectEvidence(measurement, files, clones))
  const answers: VariantAnswers[] = []
  for (const [index, { variant, database }] of sides.entries()) {
    const found = evidence.find((entry) => entry.variant === variant.id)
    if (found !== undefined) answers.push(found)
    if (database.kind !== 'server') continue
    const reader = openServer(database)
    try {
      const operations: VariantAnswers['operations'][number][] = []
      for (const operation of drawn) {
        const subject = `${measurement.loaded.id}: ${operation.operation.id} on ${variant.id}`
        operations.push(await namingOperation(subject, () => askServer(reader, operation, index)))
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
  return { evidence, answers }
}

/** The drawn operations as the files among the sides see them: one, or both. */
function fileArguments(sides: StagedSides, drawn: readonly DrawnOperation[]): readonly DrawnOperation[] {
  const files = sides.flatMap(({ database }, index) => (database.kind === 'server' ? [] : [index]))
  return drawn.map(({ operation, args, own }) => ({
    operation,
    args: files.map((index) => args[index] ?? []),
    variants: files.map((_, index) => index),
    ...(own === undefined ? {} : { own: files.map((index) => own[index] ?? operation) }),
  }))
}

async function askServer(
  reader: ReturnType<typeof openServer>,
  drawn: DrawnOperation,
  side: number,
): Promise<Pick<OperationEvidence, 'operation' | 'answerDigest' | 'rows' | 'executions' | 'problem'>> {
  const operation = evidenceOperation(drawn, side)
  if (operation.kind === 'write') throw new RangeError('nothing is written to a server')
  const first = await askAll(reader, operation)
  const answers =
    side === 0 || drawn.own !== undefined ? withProblem(first, await askAll(reader, operation)) : first
  return { operation: operation.id, executions: operation.args.length, ...answers }
}
