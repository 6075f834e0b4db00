import { hash32 } from '../../../src/random/random.ts'

/**
 * What the calibration server does with requests, by their number and the time since the first of them. The server in C
 * reads the parameters in this order.
 */
export type Behaviour =
  /** Answers at once: how fast a sender is when nothing holds it up. */
  | { readonly kind: 'null' }
  | { readonly kind: 'fixed'; readonly delayMs: number }
  /** One of `slowEvery` requests is slow. */
  | { readonly kind: 'bimodal'; readonly fastMs: number; readonly slowMs: number; readonly slowEvery: number }
  /** What arrives between `fromMs` and `untilMs` is answered at `untilMs`, or after `delayMs` if that is later. */
  | { readonly kind: 'stall'; readonly delayMs: number; readonly fromMs: number; readonly untilMs: number }
  /** The connection of one in `closeEvery` requests is closed without an answer, after `delayMs` as well. */
  | { readonly kind: 'closing'; readonly delayMs: number; readonly closeEvery: number }

/** What is done with one request. */
export interface Treatment {
  /** From its arrival to its answer, or to the end of its connection. */
  readonly delayMs: number
  readonly answered: boolean
}

const pickKey = 0x3c6ef372

/** In each block of so many requests, one is picked: the share is exact, and the place looks random. */
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
