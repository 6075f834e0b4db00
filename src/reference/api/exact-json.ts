import { parse, stringify } from 'lossless-json'
import { ApiError } from './api-error.ts'

/** A number of 16 digits or more, or with an exponent of three; texts may look like it too. */
const largeNumber = /[[:,\s]-?[1-9]\d{15}|\d[eE]\+?\d{3}/

/** Digits of an integer that are kept: far more than any that somebody means. */
const digitLimit = 1_000

/** True where JSON may hold a number that JavaScript would round to another integer, or to infinity. */
export const needsExactness = (json: string): boolean => largeNumber.test(json)

/**
 * The value of valid JSON with integers beyond 2^53 as bigint.
 * @throws ApiError 400 for a number that is beyond a double and no integer, or an integer of more than 1,000 digits
 */
export const parseExactly = (json: string): unknown =>
  parse(json, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })

function parseNumber(source: string): number | bigint {
  const value = Number(source)
  if (Number.isSafeInteger(value)) return value
  const isInteger = /^-?\d+$/.test(source)
  if (isInteger && source.length <= digitLimit) return BigInt(source)
  if (isInteger || !Number.isFinite(value)) {
    throw new ApiError(400, 'INVALID_BODY', `the number ${source.slice(0, 20)}… in the body is too large`)
  }
  return value
}

/** A value as JSON, with bigint as an integer. */
export function exactJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    // Only where there is a bigint: it takes eight times as long.
    return stringify(value) ?? 'null'
  }
}
