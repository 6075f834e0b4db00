import { InvalidMeasurementError } from '../core/errors.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import type { VariantEvidence } from './collect-evidence.ts'

/**
 * Right before fast: every variant must have answered every operation as declared, and all alike.
 * @throws InvalidMeasurementError naming the first operation and variant that did not
 */
export function compareAnswers(
  loaded: LoadedScenario,
  variants: readonly { readonly id: string }[],
  evidence: readonly VariantEvidence[],
): void {
  const byVariant = new Map(evidence.map(({ variant, operations }) => [variant, operations]))
  for (const { id: operation } of loaded.scenario.operations) {
    let reference: { readonly variant: string; readonly answer: string } | undefined
    for (const { id: variant } of variants) {
      const found = byVariant.get(variant)?.find((entry) => entry.operation === operation)
      if (found === undefined) continue
      if (found.problem !== null) {
        throw new InvalidMeasurementError(
          'WRONG_ANSWER',
          `${loaded.id}: ${operation} on ${variant}: ${found.problem}`,
        )
      }
      const answer = `${found.answerDigest}/${found.rows}`
      reference ??= { variant, answer }
      if (reference.answer !== answer) {
        throw new InvalidMeasurementError(
          'ANSWERS_DIFFER',
          `${loaded.id}: ${operation} answers otherwise on ${variant} than on ${reference.variant}; mend the migration or the statement before comparing their speed`,
        )
      }
    }
  }
}
