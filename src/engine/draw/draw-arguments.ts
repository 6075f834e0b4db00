import { errorText, messageOf } from '../../core/error-text.ts'
import { InvalidMeasurementError, UsageError } from '../../core/errors.ts'
import { randomSequence, shuffled, streamKey, unit } from '../../random/random.ts'
import { callUserCode } from '../../scenario/script/script-being-loaded.ts'
import type { DatasetIds } from '../../scenario/dataset.ts'
import type { ArgumentContext, Draw, Operation, TableDraw } from '../../scenario/scenario.ts'
import { statementShape } from '../../scenario/statement.ts'
import { bindable } from '../../target/bindable.ts'
import type { Row, SqlValue } from '../../target/connection.ts'
import type { RowKey } from '../../schema/row-key.ts'
import { quoteIdentifier } from '../../target/quote-identifier.ts'
import { cellList, readCells } from '../../target/cells.ts'
import { allKeys, rowKey, type AskedDatabase } from './draw-keys.ts'
import { numberRows, rowsByKey } from './draw-rows.ts'
import { freshId, idEncodingOf } from './fresh-id.ts'
import { namingOperation } from '../../measure/operation-error.ts'

/**
 * Rows that were drawn from one database, to be read from each: by their keys, since a migration keeps row numbers
 * whatever it does to the ids; or, where nothing but their values tells rows apart, as they were read.
 */
export type DrawnRows =
  | { readonly by: 'key'; readonly key: RowKey; readonly keys: readonly Row[] }
  | { readonly by: 'value'; readonly rows: readonly Row[] }

/**
 * Rows to draw from the first of the databases that share an operation, in random order without repetition; fewer than
 * `count` when the data has fewer.
 * @throws UsageError when no row fits, or there is no such table; TargetError when a database cannot be asked
 */
export function drawRows(
  databases: readonly [AskedDatabase, ...AskedDatabase[]],
  { id, draw }: Pick<Operation, 'id' | 'draw'>,
  count: number,
  key: number,
): Promise<DrawnRows> {
  return namingOperation(`operation ${id}: draw from ${drawSource(draw)}`, async () => {
    const random = randomSequence(key)
    const common = 'table' in draw ? await rowKey(databases, draw.table) : undefined
    if ('table' in draw && common !== undefined) {
      const keys = await allKeys(databases[0], draw, common)
      if (typeof keys === 'number') {
        const drawn = sampleUpTo(keys, count, random).map((rowid): Row => [rowid])
        return { by: 'key', key: common, keys: refuseNone(drawn) }
      }
      return { by: 'key', key: common, keys: refuseNone(shuffled(keys, random).slice(0, count)) }
    }
    const rows = await numberRows(databases[0], 'sql' in draw ? draw.sql : tableQuery(draw))
    return { by: 'value', rows: refuseNone(await rows.at(sampleUpTo(rows.count, count, random))) }
  })
}

/** What a draw draws from, for messages. */
export const drawSource = (draw: Draw): string => ('sql' in draw ? 'its sql' : draw.table)

/** The rows that a draw from a table or a view may give. */
export const tableQuery = ({ table, columns, where }: TableDraw): string =>
  `SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${quoteIdentifier(table)}${where === undefined ? '' : ` WHERE ${where}`}`

function refuseNone(rows: readonly Row[]): readonly Row[] {
  if (rows.length > 0) return rows
  throw new UsageError('NOTHING_TO_DRAW', 'no row fits; raise --scale, or draw from other rows')
}

/** How many rows were drawn. */
export const drawnCount = (drawn: DrawnRows): number =>
  drawn.by === 'key' ? drawn.keys.length : drawn.rows.length

/** `count` distinct numbers of 1 to `last` in random order: a shuffle that writes down only what it moved. */
export function sampleUpTo(last: number, count: number, random: () => number): readonly number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: Math.min(count, last) }, (_, index) => {
    const place = index + Math.floor(random() * (last - index))
    const value = moved.get(place) ?? place
    moved.set(place, moved.get(index) ?? index)
    return value + 1
  })
}

/**
 * The argument tuples of an operation on one database, ready to bind: the drawn rows as it stores them, passed through
 * the operation's `args`. The same rows and key mean the same logical arguments everywhere.
 * @param name of the variant or side, for messages
 * @throws InvalidMeasurementError DRAWN_ROW_MISSING; UsageError for arguments that do not fit the statement
 */
export async function argumentTuples(
  database: AskedDatabase,
  operation: Operation,
  drawn: DrawnRows,
  count: number,
  key: number,
  name: string,
  ids: DatasetIds = { kind: 'uuid' },
): Promise<readonly Row[]> {
  const subject = `operation ${operation.id} on ${name}`
  return namingOperation(subject, async () => {
    const rows = await drawnRows(database, operation.draw, drawn)
    const makeId = operation.args === undefined ? undefined : await idMaker(database, operation.draw, ids)
    return tuplesOf(operation, rows, makeId, count, key)
  })
}

async function drawnRows(database: AskedDatabase, draw: Draw, drawn: DrawnRows): Promise<readonly Row[]> {
  if (drawn.by === 'value' || 'sql' in draw) return drawn.by === 'value' ? drawn.rows : []
  const rows = await rowsByKey(database, draw, drawn.key, drawn.keys)
  const found = rows.filter((row) => row !== undefined)
  const first = rows.indexOf(undefined)
  if (first < 0) return found
  throw new InvalidMeasurementError(
    'DRAWN_ROW_MISSING',
    `${rows.length - found.length} of ${rows.length} rows drawn from ${draw.table} are not there, first that with ${drawn.key.kind} ${String(drawn.keys[first])}; every variant must hold the rows of the first one`,
  )
}

/** Makes the new id of an index from a stream of random numbers. */
type MakeId = (index: number, stream: number) => SqlValue

/** How new ids are made for a table, by the primary key of one of its rows; undefined where that is no UUID. */
async function idMaker(database: AskedDatabase, draw: Draw, ids: DatasetIds): Promise<MakeId | undefined> {
  const like = 'sql' in draw ? [] : await anyKey(database, draw.table)
  if (ids.kind === 'made') {
    return (index, stream) =>
      ids.newId({ index, like, random: randomSequence(streamKey(stream, String(index))) })
  }
  const [id = null, ...others] = like
  const encoding = others.length > 0 ? undefined : idEncodingOf(id)
  return encoding && ((index, stream) => freshId(encoding, stream, index, ids.afterMs))
}

/** The primary key of a row; empty where there is none. */
async function anyKey(database: AskedDatabase, table: string): Promise<Row> {
  const key = await database.query('SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk', [table])
  if (key.rows.length === 0) return []
  const columns = key.rows.map(([column]) => quoteIdentifier(String(column)))
  const { rows } = await database.query(`SELECT ${cellList(columns)} FROM ${quoteIdentifier(table)} LIMIT 1`)
  return rows[0] === undefined ? [] : readCells(rows[0])
}

function tuplesOf(
  operation: Operation,
  rows: readonly Row[],
  makeId: MakeId | undefined,
  count: number,
  key: number,
): readonly Row[] {
  const ids = streamKey(key, 'fresh-id')
  let created = 0
  const newId = (): SqlValue => {
    if (makeId !== undefined) return makeId(created++, ids)
    throw new UsageError(
      'NEW_ID',
      `newId() makes ids like those of the table that arguments are drawn from, and ${drawSource(operation.draw)} has no UUID as its primary key; make the id in args, of index and random(), or say how in the dataset (ids)`,
    )
  }
  return callUserCode(() =>
    Array.from({ length: count }, (_, index) => {
      const row = rows[index % rows.length] ?? []
      const random = randomSequence(Math.floor(unit(key, index) * 2 ** 32))
      const tuple =
        operation.args === undefined ? row : madeArguments(operation.args, row, { index, newId, random })
      refuseMisfit(operation, tuple)
      return bindable(tuple)
    }),
  )
}

function madeArguments(make: NonNullable<Operation['args']>, row: Row, context: ArgumentContext): Row {
  try {
    const made: unknown = make(row, context)
    if (Array.isArray(made)) return [...(made as Row)]
    const what = made instanceof Promise ? 'a Promise; it must not be async' : messageOf(made)
    throw new UsageError('ARGUMENTS_MISFIT', `args gave ${what}; return an array, a value for each ?`)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const name = error instanceof Error ? `${error.name}: ` : ''
    throw new UsageError('ARGUMENTS_FAILED', `args threw ${name}${errorText(error)}`, { cause: error })
  }
}

/** What `args` returns is known only now; a driver would take a missing value for NULL. */
function refuseMisfit({ sql }: Operation, tuple: Row): void {
  const { placeholders } = statementShape(sql)
  const missing = tuple.findIndex((value) => value === undefined || typeof value === 'boolean')
  if (tuple.length === placeholders && missing < 0) return
  const found = missing < 0 ? `${tuple.length} values` : `${String(tuple[missing])} as value ${missing + 1}`
  throw new UsageError(
    'ARGUMENTS_MISFIT',
    `args gave ${found}, but the statement has ${placeholders} placeholders; give each one null, a number, a text or bytes (1 and 0 for booleans)`,
  )
}
