import { redactedJson } from '../core/secrets.ts'
import type { AnyRun } from './any-run.ts'

/**
 * A Run as JSON that is compact and still makes useful diffs: two spaces of indentation, but an array without
 * objects inside stands on one line, and so does an entry of a list that holds only single values. Secrets are hidden.
 * Ends with a newline.
 */
export const serializeRun = (run: AnyRun): string => `${redactedJson(jsonAt(run, ''))}\n`

function jsonAt(value: unknown, indent: string): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.every(isScalar)) return JSON.stringify(value)
    const lines = value.map((item) => inner + (isFlat(item) ? JSON.stringify(item) : jsonAt(item, inner)))
    return `[\n${lines.join(',\n')}\n${indent}]`
  }
  if (isScalar(value)) return JSON.stringify(value)
  const entries = Object.entries(value as object).filter(([, item]) => item !== undefined)
  if (entries.length === 0) return '{}'
  const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${jsonAt(item, inner)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null

const isFlat = (value: unknown): boolean => isScalar(value) || Object.values(value as object).every(isScalar)
