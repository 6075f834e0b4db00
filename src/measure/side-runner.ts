import type { Connection, Row } from '../target/connection.ts'
import type { Clock } from './clock.ts'
import type { RoundOperation, RoundSide, RowMismatch } from './round-plan.ts'
import { timeSlice, timeTransactions, type SliceSamples } from './slice.ts'

/** A slice with its lead-in, and the rows of all its calls. */
export interface TimedSlice {
  readonly durationsNs: Float64Array
  readonly rows: number
}

/**
 * Rows that each tuple of an operation gives. Variants have their own numbers of samples, so that rows cannot be compared
 * by the slice: whoever meets a tuple first says how many rows it has.
 */
export class RowsOfTuples {
  readonly #operation: string
  /** By place of the tuple: who met it first, and the rows that it had. */
  readonly #met: { readonly variant: string; readonly rows: number }[] = []

  constructor(operation: string) {
    this.#operation = operation
  }

  /** Compares the rows of consecutive samples, the first of which used the tuples at `start`; null when none differ. */
  mismatch(variant: string, start: number, samples: number, rows: Int32Array): RowMismatch | null {
    for (const [offset, found] of rows.entries()) {
      const place = (start + offset) % samples
      const known = this.#met[place]
      if (known === undefined) this.#met[place] = { variant, rows: found }
      else if (known.rows !== found) {
        return {
          operation: this.#operation,
          variant,
          rows: found,
          other: known.variant,
          otherRows: known.rows,
        }
      }
    }
    return null
  }
}

/** Runs slice after slice of one operation on one variant, walking through its arguments. */
export class SideRunner {
  /** Id of the operation. */
  readonly operation: string
  readonly side: RoundSide
  /** The first tuple whose rows differ from another variant's, or from an earlier answer of this one. */
  mismatch: RowMismatch | null = null
  readonly #run: (args: readonly Row[]) => Promise<SliceSamples>
  readonly #statements: number
  readonly #rowsOf: RowsOfTuples
  #place = 0

  constructor(
    { id, kind, sql, statementsPerSample }: RoundOperation,
    side: RoundSide,
    connection: Connection,
    clock: Clock,
    rowsOf: RowsOfTuples,
  ) {
    this.operation = id
    this.side = side
    this.#statements = statementsPerSample
    this.#rowsOf = rowsOf
    this.#run = runnerOf(connection, kind, side.ownSql ?? sql, statementsPerSample, clock)
  }

  /** Untimed calls on the first arguments. */
  async warmUp(): Promise<void> {
    const { warmupSamples } = this.side
    if (warmupSamples > 0) await this.#run(this.#tuples(0, warmupSamples))
  }

  /** The next slice: its lead-in, then its samples. */
  async next(): Promise<TimedSlice> {
    const { leadInSamples, samplesPerSlice, args, variant } = this.side
    const samples = leadInSamples + samplesPerSlice
    const start = this.#place
    const timed = await this.#run(this.#tuples(start, samples))
    this.#place += samples
    const different = Math.floor(args.length / this.#statements)
    this.mismatch ??= this.#rowsOf.mismatch(variant, start, different, timed.rows)
    return { durationsNs: timed.durationsNs, rows: timed.rows.reduce((sum, rows) => sum + rows, 0) }
  }

  #tuples(start: number, samples: number): readonly Row[] {
    const { args } = this.side
    const first = start * this.#statements
    return Array.from(
      { length: samples * this.#statements },
      (_, i) => args[(first + i) % args.length] as Row,
    )
  }
}

function runnerOf(
  connection: Connection,
  kind: 'read' | 'write',
  sql: string,
  statementsPerSample: number,
  clock: Clock,
): (args: readonly Row[]) => Promise<SliceSamples> {
  if (kind === 'read') {
    const statement = connection.prepareTimed(sql)
    return (args) => timeSlice(statement, args, clock)
  }
  const transaction = connection.prepareTimedTransaction(sql)
  return (args) => {
    const batches = Array.from({ length: Math.ceil(args.length / statementsPerSample) }, (_, i) =>
      args.slice(i * statementsPerSample, (i + 1) * statementsPerSample),
    )
    return timeTransactions(transaction, batches, clock)
  }
}
