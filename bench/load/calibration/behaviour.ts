import { z } from 'zod'
import { hash32 } from '../../../src/random/hash.ts'

const milliseconds = z.number().min(0).max(60_000)
/** In each block of so many requests, one is picked: the share is exact, and the place looks random. */
const every = z.number().int().min(2).max(1000)

/** What the calibration server does with requests, by their number and the time since the first of them. */
export const behaviourSchema = z.discriminatedUnion('kind', [
  /** Answers at once: how fast a sender is when nothing holds it up. */
  z.strictObject({ kind: z.literal('null') }),
  z.strictObject({ kind: z.literal('fixed'), delayMs: milliseconds }),
  /** One of `slowEvery` requests is slow. */
  z.strictObject({
    kind: z.literal('bimodal'),
    fastMs: milliseconds,
    slowMs: milliseconds,
    slowEvery: every,
  }),
  /** What arrives between `fromMs` and `untilMs` is answered at `untilMs`, or after `delayMs` if that is later. */
  z.strictObject({
    kind: z.literal('stall'),
    delayMs: milliseconds,
    fromMs: milliseconds,
    untilMs: milliseconds,
  }),
  /** The connection of one in `closeEvery` requests is closed without an answer, after `delayMs` as well. */
  z.strictObject({ kind: z.literal('closing'), delayMs: milliseconds, closeEvery: every }),
])

export type Behaviour = Readonly<z.infer<typeof behaviourSchema>>

/** What is done with one request. */
export interface Treatment {
  /** From its arrival to its answer, or to the end of its connection. */
  readonly delayMs: number
  readonly answered: boolean
}

const pickKey = 0x3c6ef372

const isPicked = (number: number, blockSize: number): boolean =>
  hash32(pickKey, Math.floor(number / blockSize)) % blockSize === number % blockSize

/** The treatment of the request with that number (from 0) that arrives `sinceFirstMs` after the first. */
export function treatmentOf(behaviour: Behaviour, number: number, sinceFirstMs: number): Treatment {
  switch (behaviour.kind) {
    case 'null':
      return { delayMs: 0, answered: true }
    case 'fixed':
      return { delayMs: behaviour.delayMs, answered: true }
    case 'bimodal': {
      const slow = isPicked(number, behaviour.slowEvery)
      return { delayMs: slow ? behaviour.slowMs : behaviour.fastMs, answered: true }
    }
    case 'stall': {
      const { delayMs, fromMs, untilMs } = behaviour
      const stalled = sinceFirstMs >= fromMs && sinceFirstMs < untilMs
      return { delayMs: stalled ? Math.max(untilMs - sinceFirstMs, delayMs) : delayMs, answered: true }
    }
    case 'closing':
      return { delayMs: behaviour.delayMs, answered: !isPicked(number, behaviour.closeEvery) }
  }
}
