import { createHash } from 'node:crypto'
import { UsageError } from '../core/errors.ts'
import type { Row, Rows, SqlValue } from '../target/connection.ts'

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const uuidTailDigits = 16
/** Sums over rows in another order differ in the last bits. */
const significantDigits = 10

/**
 * A value as text that is equal for equal answers. A UUID is known by its last 64 bits, which stay the same between
 * the seeded v4 and v7 ids and between text and bytes.
 */
export function canonicalValue(value: SqlValue): string {
  if (value === null) return 'null'
  if (typeof value === 'number' || typeof value === 'bigint') return canonicalNumber(value)
  if (typeof value === 'string') {
    return uuidText.test(value) ? uuid(value.replaceAll('-', '').toLowerCase()) : `t${value}`
  }
  const hex = Buffer.from(value).toString('hex')
  return value.length === 16 ? uuid(hex) : `b${hex}`
}

/** Whole numbers are exact, whatever their length; others are rounded. */
function canonicalNumber(value: number | bigint): string {
  const rounded = Number(value).toPrecision(significantDigits)
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value)
  return isWhole && BigInt(value) !== BigInt(Number(rounded)) ? `n${value}` : `n${rounded}`
}

const uuid = (hex: string): string => `u${hex.slice(-uuidTailDigits)}`

const canonicalRow = (row: Row): string => JSON.stringify(row.map(canonicalValue))

/** How the rows of an operation may be compared. */
export interface AnswerOrder {
  /** Columns of ORDER BY; absent when the order of rows means nothing. */
  readonly orderedBy?: readonly string[]
  /** Rows of a full page: with LIMIT, rows that tie with the last one may differ between plans. */
  readonly pageSize: number
}

/**
 * Text that is the same for two correct answers to one execution: the sequence of ordering keys, and the rows as a
 * set, without those that tie with the last row of a full page.
 * @throws UsageError when `orderedBy` names a column that the result has not
 */
export function canonicalAnswer(answer: Rows, order: AnswerOrder): string {
  const keyColumns = (order.orderedBy ?? []).map((name) => {
    const index = answer.columns.indexOf(name)
    if (index >= 0) return index
    throw new UsageError(
      'ORDERED_BY',
      `orderedBy names "${name}", which is not among the columns returned (${answer.columns.join(', ')}); select it too, or leave it out of orderedBy`,
    )
  })
  const keyOf = (row: Row): string => canonicalRow(keyColumns.map((column) => row[column] ?? null))
  const keys = keyColumns.length > 0 ? answer.rows.map(keyOf) : []
  const cutOff = keys.length > 0 && answer.rows.length >= order.pageSize ? keys.at(-1) : undefined
  const certain = answer.rows.filter((_, index) => cutOff === undefined || keys[index] !== cutOff)
  return JSON.stringify([answer.rows.length, keys, certain.map(canonicalRow).sort()])
}

/** SHA-256 over the canonical answers of consecutive executions. */
export class AnswerDigest {
  readonly #hash = createHash('sha256')

  add(answer: Rows, order: AnswerOrder): void {
    this.#hash.update(canonicalAnswer(answer, order)).update('\n')
  }

  hex(): string {
    return this.#hash.digest('hex')
  }
}
