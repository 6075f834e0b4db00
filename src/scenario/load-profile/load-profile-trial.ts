import { errorText, messageOf } from '../../core/error-text.ts'
import { UsageError } from '../../core/errors.ts'
import type { LoadedProfile } from './load-profile-file.ts'
import type { LoadData, LoadProfile, PlannedRequest } from './load-profile.ts'
import { mistakesText, type Mistake } from '../mistake.ts'
import { callUserCode } from '../script/script-being-loaded.ts'
import { sequenceOf } from './sequence.ts'

/** Requests of each kind that are made for a trial. */
const trials = 20

/**
 * Makes some requests of each kind without sending them, so that what throws, is no path or changes from call to call
 * is found before a load and not in it.
 * @throws UsageError PROFILE_INVALID with all mistakes at once
 */
export async function tryRequests({ profile, shown }: LoadedProfile, data: LoadData): Promise<void> {
  const mistakes = profile.requests.flatMap(({ id }, index): readonly Mistake[] => {
    const alone: LoadProfile = { ...profile, mixes: { alone: { [id]: 1 } } }
    const sequence = sequenceOf(alone, 'alone', data, 1)
    for (let place = 0; place < trials; place += 1) {
      const mistake = requestMistake(sequence, place, `requests[${index}]`)
      if (mistake !== undefined) return [mistake]
    }
    return []
  })
  if (mistakes.length > 0) throw new UsageError('PROFILE_INVALID', mistakesText(mistakes, shown))
}

function requestMistake(
  sequence: (index: number) => PlannedRequest,
  index: number,
  place: string,
): Mistake | undefined {
  let first: PlannedRequest
  let second: PlannedRequest
  try {
    first = callUserCode(() => sequence(index))
    second = callUserCode(() => sequence(index))
  } catch (error) {
    return { place, what: `throws for request ${index}: ${errorText(error)}` }
  }
  const { path, body } = first as { readonly path: unknown; readonly body: unknown }
  if (typeof path !== 'string' || !/^\/[\x21-\x7e]*$/.test(path)) {
    return {
      place: `${place}.path`,
      what: `gave ${typeof path === 'string' ? JSON.stringify(path) : messageOf(path)}; it must be a path from / on, with encodeURIComponent where it needs it`,
    }
  }
  if (/\b(undefined|null|NaN|\[object)\b/.test(path)) {
    return { place: `${place}.path`, what: `gave ${path}: a value in it is missing` }
  }
  if (body === undefined) return { place: `${place}.body`, what: 'gave nothing that JSON can hold' }
  if (path !== second.path || body !== second.body) {
    return {
      place,
      what: 'gives another request for the same place in the sequence; take its choices from random, row and index alone',
    }
  }
  return undefined
}
