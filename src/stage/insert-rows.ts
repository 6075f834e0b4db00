import { setImmediate } from 'node:timers/promises'
import { errorText } from '../core/error-text.ts'
import { ForgebenchError, InterruptedError, UsageError } from '../core/errors.ts'
import { randomSequence, streamKey } from '../random/random.ts'
import type { GeneratedRow, GeneratorFill } from '../scenario/dataset.ts'
import { bindable } from '../target/bindable.ts'
import type { NativeConnection } from '../target/native.ts'
import { quoteIdentifier } from '../target/quote-identifier.ts'
import { isOfFile, type FillOptions } from './fill-options.ts'

/** Between so many rows a signal gets its turn. */
const rowsAtOnce = 5000

export interface RowsOrder {
  readonly scale: number
  readonly seed: number
  /** Name of the dataset, for messages. */
  readonly dataset: string
}

/**
 * Inserts the rows of a generator in one transaction.
 * @throws UsageError DATASET_ROW with the number of the row; TargetError when the disk is full; InterruptedError
 */
export async function insertRows(
  connection: NativeConnection,
  { rows }: GeneratorFill,
  { scale, seed, dataset }: RowsOrder,
  { signal, onProgress }: FillOptions,
): Promise<void> {
  let count = 0
  const insertAll = async (): Promise<void> => {
    const inserts = new Map<string, ReturnType<NativeConnection['prepareTimed']>>()
    connection.scriptSync('BEGIN')
    const generated: unknown = rows({ scale, seed, random: randomSequence(streamKey(seed, dataset)) })
    for await (const each of iterable(generated)) {
      count += 1
      const [table, row] = checkedRow(each)
      const sql = insertInto(table, Object.keys(row))
      const insert = inserts.get(sql) ?? connection.prepareTimed(sql)
      inserts.set(sql, insert)
      await insert.run(bindable(Object.values(row)))
      if (count % rowsAtOnce > 0) continue
      onProgress(count, count)
      await setImmediate()
      if (signal.aborted) throw new InterruptedError()
    }
    connection.scriptSync('COMMIT')
  }
  try {
    await orWaitsForNothing(insertAll())
  } catch (error) {
    throw rowError(error, `dataset ${dataset}: row ${count}`)
  }
}

/** Fails once there is nothing left to wait for: the process would end without a result. */
async function orWaitsForNothing(work: Promise<void>): Promise<void> {
  let stop = (): void => undefined
  const nothingLeft = new Promise<never>((_, reject) => {
    stop = () =>
      reject(new UsageError('DATASET_ROW', 'after it the generator awaits what never happens; let it end'))
  })
  process.once('beforeExit', stop)
  try {
    await Promise.race([work, nothingLeft])
  } finally {
    process.removeListener('beforeExit', stop)
  }
}

const insertInto = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${quoteIdentifier(table)} (${columns.map(quoteIdentifier).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`

/** What a generator gives is known only now. */
function iterable(generated: unknown): Iterable<unknown> | AsyncIterable<unknown> {
  const value = Object(generated) as Iterable<unknown> & AsyncIterable<unknown>
  if (typeof (value[Symbol.iterator] ?? value[Symbol.asyncIterator]) === 'function') return value
  throw new UsageError(
    'DATASET_ROW',
    'rows() returns nothing to iterate over; write it as function* or async function*',
  )
}

function checkedRow(generated: unknown): GeneratedRow {
  const [table, row] = Array.isArray(generated) ? (generated as readonly unknown[]) : []
  if (typeof table !== 'string' || typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new UsageError('DATASET_ROW', "yield ['table', { column: value }]")
  }
  const cells = Object.entries(row)
  if (cells.length === 0) throw new UsageError('DATASET_ROW', `${table}: a row without columns; give one`)
  const wrong = cells.find(([, value]) => !isStorable(value))
  if (wrong === undefined) return [table, row as GeneratedRow[1]]
  throw new UsageError(
    'DATASET_ROW',
    `${table}.${wrong[0]} is ${shown(wrong[1])}; give null, a number, a bigint of 64 bits, a text or bytes (1 and 0 for booleans)`,
  )
}

const isStorable = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  // SQLite would store NaN as NULL.
  (typeof value === 'number' && !Number.isNaN(value)) ||
  (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) ||
  value instanceof Uint8Array

/** A value as messages show it: an object by the name of its class. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  const { constructor } = value
  return typeof constructor === 'function' ? `of type ${constructor.name}` : 'an object'
}

function rowError(error: unknown, place: string): unknown {
  if (error instanceof InterruptedError || isOfFile(error)) return error
  const what = error instanceof ForgebenchError ? '' : 'the generator threw '
  return new UsageError('DATASET_ROW', `${place}: ${what}${errorText(error)}`, { cause: error })
}
