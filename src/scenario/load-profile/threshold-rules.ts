import { UsageError } from '../../core/errors.ts'
import { parseThreshold, type Threshold } from '../../run/threshold.ts'
import { fieldsOf, shapeMistakes, type Fields, type Mistake } from '../mistake.ts'
import { abortingThreshold } from './load-profile.ts'
import { abortMistake } from './profile-thresholds.ts'

export interface ThresholdRules {
  /** Kinds of requests that a selector may name; any when they are not known. */
  readonly ops?: readonly string[]
  /** False where a load has ended before its thresholds are judged. */
  readonly mayAbort: boolean
}

/** What is wrong with thresholds by metric, in k6's syntax. */
export function thresholdMistakes(
  thresholds: Fields,
  place: string,
  rules: ThresholdRules,
): readonly Mistake[] {
  return Object.entries(thresholds).flatMap(([metric, entries]) =>
    Array.isArray(entries)
      ? entries.flatMap((entry: unknown, i) =>
          entryMistakes(metric, entry, [place, `['${metric}'][${i}]`], rules),
        )
      : [{ place: `${place}['${metric}']`, what: "must be a list of texts, such as ['p(95)<200']" }],
  )
}

function entryMistakes(
  metric: string,
  entry: unknown,
  [place, within]: readonly [place: string, within: string],
  rules: ThresholdRules,
): readonly Mistake[] {
  const own = place + within
  if (typeof entry === 'string') return expressionMistakes(metric, entry, place, rules).mistakes
  const isLong = typeof entry === 'object' && entry !== null && 'threshold' in entry
  if (!isLong)
    return [{ place: own, what: "must be a text, such as 'p(95)<200', or { threshold, abortOnFail }" }]
  if (!rules.mayAbort) {
    return [
      {
        place: own,
        what: 'abortOnFail ends a load while it runs, and this is judged afterwards; write the text alone',
      },
    ]
  }
  const shaped = shapeMistakes(abortingThreshold, entry, own)
  const { threshold: expression, abortOnFail } = fieldsOf(entry)
  if (shaped.length > 0 || typeof expression !== 'string') return shaped
  const { mistakes, parsed } = expressionMistakes(metric, expression, place, rules)
  const abort = parsed === undefined || abortOnFail !== true ? undefined : abortMistake(parsed)
  return abort === undefined ? mistakes : [{ place: own, what: abort }]
}

function expressionMistakes(
  metric: string,
  expression: string,
  place: string,
  { ops }: ThresholdRules,
): { readonly mistakes: readonly Mistake[]; readonly parsed?: Threshold } {
  try {
    const context = { place, ...(ops === undefined ? {} : { ops }) }
    return { mistakes: [], parsed: parseThreshold(metric, expression, context) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { mistakes: [{ place, what: error.message.slice(`${place}: `.length) }] }
  }
}
