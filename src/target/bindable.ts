import type { Row, SqlValue } from './connection.ts'

/**
 * Values in the form that keeps their type. Both drivers bind a JavaScript number as REAL, so that
 * `typeof(?)` of 1 is 'real' and a column without affinity stores a float: whole numbers go as bigint.
 */
export function bindable(values: Row): SqlValue[] {
  return values.map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
  )
}

const largest = BigInt(Number.MAX_SAFE_INTEGER)

/** A row read with every integer as bigint, in which those that a number holds exactly are numbers. */
export function withNumbers(row: Row): Row {
  return row.map((value) =>
    typeof value === 'bigint' && value <= largest && value >= -largest ? Number(value) : value,
  )
}
