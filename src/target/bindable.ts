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
