// Every engine imports this file, k6 among them: so it depends on nothing but files that k6 can read too, has no names of
// Node, and keeps to TypeScript that goes away when types are stripped.
import { hash32, mix32 } from '../../random/hash.ts'
import type { LoadData, LoadDraw, LoadProfile, PlannedRequest } from './load-profile.ts'

/**
 * The sequence of requests that a profile, a mix, drawn rows and a seed stand for: a function from a place in the
 * sequence (from 0) to the request there. Any place can be asked for without the ones before, so that engines
 * with many processes share one sequence.
 */
export function sequenceOf(
  profile: LoadProfile,
  mix: string,
  data: LoadData,
  seed: number,
): (index: number) => PlannedRequest {
  const weights = profile.mixes[mix] ?? {}
  const choices = profile.requests
    .map((request) => ({ request, weight: weights[request.id] ?? 0 }))
    .filter(({ weight }) => weight > 0)
  const total = choices.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) throw new RangeError(`mix ${mix} has no request with a weight`)
  const requestFor = (uniform: number) => {
    let left = uniform * total
    for (const choice of choices) {
      left -= choice.weight
      if (left < 0) return choice.request
    }
    return choices[choices.length - 1]!.request
  }
  return (index) => {
    const draw = drawAt(data, seed, index)
    const request = requestFor(draw.random())
    return {
      index,
      op: request.id,
      method: request.method,
      path: request.path(draw),
      body: request.body === undefined ? null : JSON.stringify(request.body(draw)),
    }
  }
}

/** The think time before the request at that place, in milliseconds. */
export function thinkMsAt(profile: LoadProfile, seed: number, index: number): number {
  const { from, to } = profile.thinkMs ?? { from: 0, to: 0 }
  return from + (hash32(mix32(seed ^ 0x7f4a7c15), index) / 0x1_0000_0000) * (to - from)
}

function drawAt(data: LoadData, seed: number, index: number): LoadDraw {
  const key = hash32(mix32(seed ^ 0x5bd1e995), index)
  let calls = 0
  const random = () => hash32(key, calls++) / 0x1_0000_0000
  return {
    index,
    random,
    row: (table) => {
      const rows = data[table]
      if (rows === undefined || rows.length === 0) throw new RangeError(`no rows of ${table} were drawn`)
      return rows[Math.floor(random() * rows.length)]!
    },
  }
}
