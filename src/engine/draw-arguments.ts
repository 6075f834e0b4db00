import { UsageError } from '../core/errors.ts'
import { shuffled } from '../measure/round-plan.ts'
import { streamKey, unit } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import type { Draw, Operation } from '../scenario/scenario.ts'
import { statementShape } from '../scenario/statement.ts'
import { bindable } from '../target/bindable.ts'
import type { Row, SqlValue } from '../target/connection.ts'
import type { NativeConnection } from '../target/native.ts'
import { freshId, idEncodingOf, type IdEncoding } from './fresh-id.ts'

/**
 * Row numbers to draw, in random order without repetition; fewer than `count` when the data has fewer.
 * Variants share them: a migration keeps row numbers, whatever it does to the ids.
 * @throws UsageError when no row fits
 */
export function drawRowids(
  connection: NativeConnection,
  draw: Draw,
  count: number,
  key: number,
): readonly SqlValue[] {
  const random = randomSequence(key)
  if (draw.where === undefined) {
    const [rows, last] = (
      connection.querySync(`SELECT count(*), max(rowid) FROM ${draw.table}`).rows[0] ?? []
    ).map(Number)
    if (rows !== undefined && rows > 0 && rows === last) return sampleUpTo(rows, count, random)
  }
  const condition = draw.where === undefined ? '' : ` WHERE ${draw.where}`
  const rowids = connection
    .querySync(`SELECT rowid FROM ${draw.table}${condition} ORDER BY rowid`)
    .rows.map((row) => row[0] ?? null)
  if (rowids.length === 0) {
    throw new UsageError(
      'NOTHING_TO_DRAW',
      `no row of ${draw.table}${condition} in the seeded data; raise --scale`,
    )
  }
  return shuffled(rowids, random).slice(0, count)
}

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

/** How one database stores ids, read off its first prompt. */
export function idEncoding(connection: NativeConnection): IdEncoding {
  return idEncodingOf(connection.querySync('SELECT id FROM prompts LIMIT 1').rows[0]?.[0] ?? null)
}

/**
 * The argument tuples of an operation on one variant, ready to bind: the drawn rows as this variant stores them,
 * passed through the operation's `args`. The same row numbers and key mean the same logical arguments everywhere.
 */
export function argumentTuples(
  connection: NativeConnection,
  operation: Operation,
  rowids: readonly SqlValue[],
  count: number,
  key: number,
): readonly Row[] {
  const statement = connection.prepare(
    `SELECT ${operation.draw.columns.join(', ')} FROM ${operation.draw.table} WHERE rowid = ?`,
  )
  const rows = rowids.map((rowid) => statement.all(bindable([rowid]))[0] ?? [])
  return tuplesOf(operation, rows, () => idEncoding(connection), count, key)
}

/** As `argumentTuples`, from rows that were read before; `encoding` is asked when a new id is needed. */
export function tuplesOf(
  operation: Operation,
  rows: readonly Row[],
  encoding: () => IdEncoding,
  count: number,
  key: number,
): readonly Row[] {
  const ids = streamKey(key, 'fresh-id')
  let known: IdEncoding | undefined
  let created = 0
  return Array.from({ length: count }, (_, index) => {
    const row = rows[index % rows.length] ?? []
    const context = {
      index,
      newId: () => freshId((known ??= encoding()), ids, created++),
      random: randomSequence(Math.floor(unit(key, index) * 2 ** 32)),
    }
    const tuple = operation.args?.(row, context) ?? row
    refuseMisfit(operation, tuple)
    return bindable(tuple)
  })
}

/** What `args` returns is known only now; a driver would take a missing value for NULL. */
function refuseMisfit({ id, sql }: Operation, tuple: Row): void {
  const { placeholders } = statementShape(sql)
  const missing = tuple.findIndex((value) => value === undefined || typeof value === 'boolean')
  if (tuple.length === placeholders && missing < 0) return
  const found = missing < 0 ? `${tuple.length} values` : `${String(tuple[missing])} as value ${missing + 1}`
  throw new UsageError(
    'ARGUMENTS_MISFIT',
    `operation ${id}: args gave ${found}, but the statement has ${placeholders} placeholders; give each one null, a number, a text or bytes (1 and 0 for booleans)`,
  )
}
