/** One rate that was tried. */
export interface Tried<S> {
  readonly ratePerSec: number
  readonly passed: boolean
  readonly step: S
}

export interface SearchOptions {
  readonly fromPerSec: number
  /** No more is asked for, whatever passes. */
  readonly limitPerSec: number
  /** The search ends when the lowest rate that failed is at most so many times the highest that passed. */
  readonly precision: number
  /** A rate fails when it has failed so often: other work on the machine must not decide. */
  readonly tries: number
}

export interface Found<S> {
  /** The highest rate that passed; null when none did. */
  readonly highest: Tried<S> | null
  /** The lowest rate that failed; null when all passed. */
  readonly failed: Tried<S> | null
  readonly steps: readonly Tried<S>[]
}

const growth = 2
const leastPerSec = 25

/** Looks for the highest rate that passes: doubles or halves until the border is known, then halves its logarithm. */
export async function searchHighest<S>(
  tryRate: (ratePerSec: number) => Promise<{ readonly passed: boolean; readonly step: S }>,
  { fromPerSec, limitPerSec, precision, tries }: SearchOptions,
): Promise<Found<S>> {
  const steps: Tried<S>[] = []
  let highest: Tried<S> | null = null
  let failed: Tried<S> | null = null
  let next = Math.min(fromPerSec, limitPerSec)
  while (next >= leastPerSec) {
    let tried: Tried<S>
    let left = tries
    do {
      tried = { ratePerSec: next, ...(await tryRate(next)) }
      steps.push(tried)
      left -= 1
    } while (!tried.passed && left > 0)
    if (tried.passed) highest = tried
    else failed = tried
    if (highest !== null && (failed === null ? highest.ratePerSec >= limitPerSec : isNear(highest, failed)))
      break
    next = Math.round(nextRate(highest, failed, limitPerSec))
  }
  return { highest, failed, steps }

  function isNear(below: Tried<S>, above: Tried<S>): boolean {
    return above.ratePerSec <= below.ratePerSec * precision
  }
}

function nextRate(
  highest: Tried<unknown> | null,
  failed: Tried<unknown> | null,
  limitPerSec: number,
): number {
  if (failed === null) return Math.min((highest?.ratePerSec ?? 1) * growth, limitPerSec)
  if (highest === null) return failed.ratePerSec / growth
  return Math.sqrt(highest.ratePerSec * failed.ratePerSec)
}
