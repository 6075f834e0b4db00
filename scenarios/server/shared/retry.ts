import type { SweepContext } from 'forgebench'

/** How often something is tried, and how long before each further time. */
export interface RetryPolicy {
  readonly attempts: number
  /** Milliseconds to wait after so many attempts that failed, from 1. `random` is uniform in [0, 1). */
  readonly waitMs: (failed: number, random: number) => number
}

export const none: RetryPolicy = { attempts: 1, waitMs: () => 0 }

/** As the review proposes it: at most 3 attempts, exponential waits from 0.5 s to 5 s, without jitter. */
export const ofReview: RetryPolicy = {
  attempts: 3,
  waitMs: (failed) => Math.min(500 * 2 ** (failed - 1), 5000),
}

/**
 * Full jitter: a wait drawn from nothing up to a bound that doubles, so that those who failed together do not come back
 * together (Brooker 2015, «Exponential Backoff and Jitter»).
 */
export const jittered: RetryPolicy = {
  attempts: 8,
  waitMs: (failed, random) => random * Math.min(50 * 2 ** (failed - 1), 2000),
}

/** Tries until it works, or throws the last error. `tried` counts every attempt. */
export async function retrying<T>(
  policy: RetryPolicy,
  { sleep, random }: SweepContext,
  tried: () => void,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failed = 1; ; failed++) {
    tried()
    try {
      return await attempt()
    } catch (error) {
      if (failed >= policy.attempts) throw error
      await sleep(policy.waitMs(failed, random()))
    }
  }
}
