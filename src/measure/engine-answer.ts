import type { Row, Rows, SqlValue } from '../target/connection.ts'
import type { AnswerOrder } from './answer.ts'

/** How the answers of two engines to one statement differ. */
export interface AnswerDifference {
  readonly kind: 'columns' | 'rows' | 'order' | 'values'
  /** The first row that differs; null where one has none. */
  readonly expected: Row | null
  readonly found: Row | null
}

/** Reals of 15 to 17 digits that were added in another order agree in this many parts of their size. */
const tolerance = 1e-12

/**
 * Compares answers of two engines to one statement on one file, read with integers as bigint. Stricter than between two
 * schemas on one engine: types count (1 is not 1.0), text and bytes are exact, and -0.0 is not 0.0. Reals are equal when
 * they are within 1e-12 of each other's size, since sums may be added in another order. Rows that tie with the last one
 * of a full page are left out, as in `canonicalAnswer`; without an order rows are a set.
 * @returns the first difference; undefined where there is none
 */
export function answerDifference(
  expected: Rows,
  found: Rows,
  { orderedBy = [], pageSize }: AnswerOrder,
): AnswerDifference | undefined {
  if (expected.columns.length !== found.columns.length) {
    return { kind: 'columns', expected: expected.rows[0] ?? null, found: found.rows[0] ?? null }
  }
  const columns = orderedBy.map((name) => expected.columns.indexOf(name)).filter((index) => index >= 0)
  // Where the page ends is not known then, nor which rows tie with its last one.
  if (columns.length < orderedBy.length && Number.isFinite(pageSize)) return undefined
  const keyOf = (row: Row): Row => columns.map((column) => row[column] ?? null)
  const certain = (rows: readonly Row[]): readonly Row[] => {
    const last = rows.at(-1)
    const isCut = columns.length > 0 && rows.length >= pageSize && last !== undefined
    const kept = isCut ? rows.filter((row) => !sameRow(keyOf(row), keyOf(last))) : rows
    return kept.toSorted((a, b) => compareTexts(sortKey(a), sortKey(b)))
  }
  const unmatched = firstUnmatched(certain(expected.rows), certain(found.rows))
  const isSet = unmatched.expected === null && unmatched.found === null
  if (expected.rows.length !== found.rows.length) return { kind: 'rows', ...unmatched }
  if (!isSet) return { kind: 'values', ...unmatched }
  const moved = expected.rows.findIndex((row, index) => !sameRow(keyOf(row), keyOf(found.rows[index] ?? [])))
  return moved < 0
    ? undefined
    : { kind: 'order', expected: expected.rows[moved] ?? null, found: found.rows[moved] ?? null }
}

/** The first row of each of two sorted sets that the other one has not. */
function firstUnmatched(
  left: readonly Row[],
  right: readonly Row[],
): { readonly expected: Row | null; readonly found: Row | null } {
  let expected: Row | null = null
  let found: Row | null = null
  for (let i = 0, j = 0; (i < left.length || j < right.length) && (expected === null || found === null);) {
    const [own, other] = [left[i], right[j]]
    if (own !== undefined && other !== undefined && sameRow(own, other)) {
      i += 1
      j += 1
    } else if (other === undefined || (own !== undefined && sortKey(own) < sortKey(other))) {
      expected ??= own ?? null
      i += 1
    } else {
      found ??= other
      j += 1
    }
  }
  return { expected, found }
}

const sameRow = (left: Row, right: Row): boolean =>
  left.length === right.length && left.every((value, index) => sameValue(value, right[index] ?? null))

function sameValue(left: SqlValue, right: SqlValue): boolean {
  if (typeof left === 'number' && typeof right === 'number') {
    if (Object.is(left, right)) return true
    if (left === 0 && right === 0) return false
    return Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right))
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right) === 0
  return left === right
}

/** Brings equal rows to the same place: reals by fewer digits than they are compared with, then by all of them. */
const sortKey = (row: Row): string =>
  JSON.stringify([
    row.map((value) => (typeof value === 'number' ? `r${value.toPrecision(6)}` : sqlLiteral(value))),
    row.map((value) => (typeof value === 'number' ? value : null)),
  ])

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A value as SQL writes it: `1` an integer, `1.0` a real, `X'00'` bytes. */
export function sqlLiteral(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (typeof value !== 'number') return `X'${Buffer.from(value).toString('hex')}'`
  if (Object.is(value, -0)) return '-0.0'
  if (!Number.isFinite(value)) return value > 0 ? '9e999' : '-9e999'
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value)
}
