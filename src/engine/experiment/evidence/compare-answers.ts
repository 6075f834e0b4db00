import { InvalidMeasurementError } from '../../../core/errors.ts'
import type { LoadedScenario } from '../../../scenario/load.ts'
import type { OperationEvidence } from './evidence.ts'

/** What one variant, or one server, answered. */
export interface VariantAnswers {
  readonly variant: string
  readonly operations: readonly Pick<
    OperationEvidence,
    'operation' | 'answerDigest' | 'rows' | 'executions' | 'problem' | 'difference'
  >[]
}

/**
 * Right before fast: every variant must have answered every operation as declared, and all alike.
 * @throws InvalidMeasurementError naming the first operation and variant that did not
 */
export function compareAnswers(
  loaded: LoadedScenario,
  variants: readonly { readonly id: string }[],
  evidence: readonly VariantAnswers[],
): void {
  const byVariant = new Map(evidence.map(({ variant, operations }) => [variant, operations]))
  for (const { id: operation, sql } of loaded.scenario.operations) {
    let reference:
      { readonly variant: string; readonly digest: string | null; readonly rows: number } | undefined
    for (const { id: variant } of variants) {
      const found = byVariant.get(variant)?.find((entry) => entry.operation === operation)
      // Another engine's difference is a finding of its own, with the statement that shows it.
      if (found === undefined || found.difference !== undefined) continue
      if (found.problem !== null) {
        throw new InvalidMeasurementError(
          'WRONG_ANSWER',
          `${loaded.id}: ${operation} on ${variant}: ${found.problem}`,
        )
      }
      const { answerDigest: digest, rows, executions } = found
      reference ??= { variant, digest, rows }
      if (reference.digest !== digest || reference.rows !== rows) {
        const what =
          reference.rows === rows
            ? `other values in ${rows} rows`
            : `${rows} rows where ${reference.variant} gave ${reference.rows}`
        const word = clockOrChance(sql)
        if (word !== undefined) {
          throw new InvalidMeasurementError(
            'WRONG_ANSWER',
            `${loaded.id}: ${operation}: its answer does not repeat: ${word} makes it depend on the clock or on chance; give such values as arguments, or leave them out`,
          )
        }
        throw new InvalidMeasurementError(
          'ANSWERS_DIFFER',
          `${loaded.id}: ${operation} answers otherwise on ${variant} than on ${reference.variant} (${what}, ${executions} executions); fix the migration or the statement before comparing their speed`,
        )
      }
    }
  }
}

/**
 * What differs between engines is a finding of a run; whatever else compares variants must not go on with it.
 * @throws InvalidMeasurementError ENGINES_DIFFER naming the first
 */
export function refuseEngineDifferences(loaded: LoadedScenario, evidence: readonly VariantAnswers[]): void {
  for (const { variant, operations } of evidence) {
    for (const { operation, difference } of operations) {
      if (difference === undefined) continue
      const what =
        difference.refusal ?? `it answers ${difference.found} where libSQL answers ${difference.expected}`
      throw new InvalidMeasurementError(
        'ENGINES_DIFFER',
        `${loaded.id}: ${operation} on ${variant}: ${what}; leave the operation out with --operations, or see forgebench run ${loaded.id}`,
      )
    }
  }
}

const clockOrChanceWord =
  /\b(?:random(?:blob)?\s*\(|current_(?:timestamp|date|time)\b)|'now'|\b(?:datetime|date|time|julianday|unixepoch)\s*\(\s*\)/i

/** The part of a statement that gives another value each time; undefined where there is none. */
const clockOrChance = (sql: string): string | undefined => {
  const [word] = clockOrChanceWord.exec(sql) ?? []
  return word?.endsWith('(') ? `${word})` : word
}
