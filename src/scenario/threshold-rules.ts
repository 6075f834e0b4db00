import { UsageError } from '../core/errors.ts'
import { parseThreshold } from '../run/threshold.ts'
import type { Fields, Mistake } from './mistake.ts'

/**
 * What is wrong with thresholds by metric, in k6's syntax.
 * @param ops kinds of requests that a selector may name; any when they are not known
 */
export function thresholdMistakes(
  thresholds: Fields,
  place: string,
  ops?: readonly string[],
): readonly Mistake[] {
  return Object.entries(thresholds).flatMap(([metric, expressions]) =>
    Array.isArray(expressions) && expressions.every((each) => typeof each === 'string')
      ? expressions.flatMap((expression) => thresholdMistake(metric, expression, place, ops))
      : [{ place: `${place}['${metric}']`, what: whatInstead(expressions) }],
  )
}

/** k6 takes objects too; a load of ours judges at its end. */
function whatInstead(expressions: unknown): string {
  const isOfK6 =
    Array.isArray(expressions) &&
    expressions.some((each) => typeof each === 'object' && each !== null && 'threshold' in each)
  return isOfK6
    ? "{ threshold, abortOnFail, delayAbortEval } is k6's form, which is not supported: write the threshold as a text, such as 'p(95)<200'; it is judged when the load has ended"
    : "must be a list of texts, such as ['p(95)<200']"
}

function thresholdMistake(
  metric: string,
  expression: string,
  place: string,
  ops?: readonly string[],
): readonly Mistake[] {
  try {
    parseThreshold(metric, expression, { place, ...(ops === undefined ? {} : { ops }) })
    return []
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return [{ place, what: error.message.slice(`${place}: `.length) }]
  }
}
