import { UsageError } from '../../core/errors.ts'
import { profileSchema, type LoadProfile } from './load-profile.ts'
import {
  fieldsOf,
  itemsOf,
  mistakesText,
  repeatedIds,
  shapeMistakes,
  unknownName,
  type Fields,
  type Mistake,
} from '../mistake.ts'
import { thresholdMistakes } from './threshold-rules.ts'

/**
 * The value as a LoadProfile, when nothing is wrong with it.
 * @throws UsageError PROFILE_INVALID with all mistakes at once, each with the path and the place in the file
 */
export function checkProfile(value: unknown, path: string): LoadProfile {
  const mistakes = profileMistakes(value)
  if (mistakes.length > 0) throw new UsageError('PROFILE_INVALID', mistakesText(mistakes, path))
  return value as LoadProfile
}

/** Everything that is wrong with a profile; no mistake hides another. */
function profileMistakes(value: unknown): readonly Mistake[] {
  const profile = fieldsOf(value)
  const requests = itemsOf(profile['requests'])
  const ids = requests.map((request) => fieldsOf(request)['id']).filter((id) => typeof id === 'string')
  return [
    ...shapeMistakes(profileSchema, value, ''),
    ...requests.flatMap((request, index) => requestMistakes(fieldsOf(request), `requests[${index}]`)),
    ...repeatedIds(requests, 'requests'),
    ...mixMistakes(profile['mixes'], ids),
    ...thinkMistakes(fieldsOf(profile['thinkMs'])),
    ...stageMistakes(itemsOf(profile['stages'])),
    ...thresholdMistakes(fieldsOf(profile['thresholds']), 'thresholds', { ops: ids, mayAbort: true }),
  ]
}

function requestMistakes({ method, body, creates }: Fields, place: string): readonly Mistake[] {
  return [
    ...(method === 'GET' && body !== undefined
      ? [{ place: `${place}.body`, what: 'a GET has no body; take it out' }]
      : []),
    ...(creates !== undefined && (method === 'GET' || method === 'DELETE')
      ? [{ place: `${place}.creates`, what: `a ${method} creates nothing; take it out` }]
      : []),
  ]
}

function mixMistakes(mixes: unknown, ids: readonly string[]): readonly Mistake[] {
  return Object.entries(fieldsOf(mixes)).flatMap(([mix, weights]) => {
    if (typeof weights !== 'object' || weights === null || Array.isArray(weights)) return []
    const place = `mixes.${mix}`
    const nothing = Object.values(weights).every((weight) => weight === 0)
    return [
      ...Object.keys(weights).flatMap((id) => unknownName(id, ids, `${place}.${id}`, 'request')),
      ...(nothing
        ? [{ place, what: 'has no weight above 0, so nothing would be sent; give one request a weight' }]
        : []),
    ]
  })
}

function thinkMistakes({ from, to }: Fields): readonly Mistake[] {
  return typeof from === 'number' && typeof to === 'number' && from > to
    ? [{ place: 'thinkMs', what: `from ${from} is above to ${to}` }]
    : []
}

function stageMistakes(stages: readonly unknown[]): readonly Mistake[] {
  const fields = stages.map(fieldsOf)
  const longest = Math.max(...fields.map(({ seconds }) => (typeof seconds === 'number' ? seconds : 0)))
  const measured = fields.findIndex(({ seconds }) => seconds === longest)
  if (fields[measured]?.['level'] !== 0) return []
  const what = 'is 0 in the longest stage, the one that is measured; give it a level above 0'
  return [{ place: `stages[${measured}].level`, what }]
}
