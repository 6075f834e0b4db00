import { UsageError } from '../../core/errors.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { Draw, Operation } from '../../scenario/scenario.ts'

/** An operation that both sides have, each with its own statement. */
export interface PairedOperation {
  readonly baseline: Operation
  readonly candidate: Operation
}

export interface PairedOperations {
  /** In the candidate's order. */
  readonly operations: readonly PairedOperation[]
  /** One line for each that cannot be compared. */
  readonly notes: readonly string[]
}

/**
 * The operations that two sides have in common: those named, else all. Sides of different revisions may have different
 * statements for the same operation; what they draw their arguments from must be the same.
 * @throws UsageError UNKNOWN_OPERATION for a name that neither side has; NOTHING_IN_COMMON
 */
export function pairOperations(
  baseline: LoadedScenario,
  candidate: LoadedScenario,
  names?: readonly string[],
): PairedOperations {
  const before = new Map(baseline.scenario.operations.map((operation) => [operation.id, operation]))
  const after = new Map(candidate.scenario.operations.map((operation) => [operation.id, operation]))
  const known = [...new Set([...after.keys(), ...before.keys()])]
  const wanted = names?.map((name) => name.trim()) ?? known
  const unknown = wanted.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new UsageError(
      'UNKNOWN_OPERATION',
      `${candidate.id} has no operation ${unknown}; it has ${known.join(', ')}`,
    )
  }
  const operations: PairedOperation[] = []
  const notes: string[] = []
  for (const id of known.filter((name) => wanted.includes(name))) {
    const pair = { baseline: before.get(id), candidate: after.get(id) }
    const why = obstacle(pair.baseline, pair.candidate)
    if (why !== undefined) notes.push(`${id} is not judged: ${why}`)
    else operations.push(pair as PairedOperation)
  }
  if (operations.length > 0) return { operations, notes }
  throw new UsageError('NOTHING_IN_COMMON', `the sides have no operation in common: ${notes.join('; ')}`)
}

/** Why two operations of the same id are not the same; undefined when they are. */
function obstacle(baseline: Operation | undefined, candidate: Operation | undefined): string | undefined {
  if (baseline === undefined) return 'the baseline has no such operation'
  if (candidate === undefined) return 'the candidate has no such operation'
  if (baseline.kind !== candidate.kind) return `a ${baseline.kind} became a ${candidate.kind}`
  const [from, to] = [baseline.draw, candidate.draw]
  if (rowsOf(from) !== rowsOf(to)) return 'its arguments are drawn from other rows'
  return lengthOf(baseline) === lengthOf(candidate) ? undefined : 'its transactions have another length'
}

const rowsOf = (draw: Draw): string => JSON.stringify('sql' in draw ? draw.sql : [draw.table, draw.where])

const lengthOf = (operation: Operation): number =>
  operation.kind === 'write' ? operation.statementsPerTransaction : 1
