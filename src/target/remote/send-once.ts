import { setTimeout as sleep } from 'node:timers/promises'
import { ForgebenchError, InterruptedError, TargetError } from '../../core/errors.ts'

/** A write that must happen exactly once, although its answer may be lost. */
export interface OnceOnly {
  /** Sends it. It is one transaction, and fails when it has been committed before. */
  readonly send: () => Promise<unknown>
  /** Whether the database has it. */
  readonly hasLanded: () => Promise<boolean>
}

/** How long to try again. */
export interface Patience {
  /** After so long without success the last error is thrown. 0: never try again. */
  readonly giveUpMs: number
  /** A request without an answer for so long counts as lost. */
  readonly answerMs?: number
  readonly signal?: Pick<AbortSignal, 'aborted'> | undefined
}

/** The server may be restarted meanwhile. */
export const defaultPatience: Patience = { giveUpMs: 30_000 }

const defaultAnswerMs = 120_000
const firstWaitMs = 100
const longestWaitMs = 2_000

/** Failures that end by themselves: nobody there, too much to do, somebody else writes. */
const passing = new Set(['TARGET_UNREACHABLE', 'TARGET_OVERLOADED', 'TARGET_BUSY'])

const passes = (error: unknown): error is TargetError =>
  error instanceof TargetError && passing.has(error.code)

/**
 * Sends a write until the database has it, once. After any failure it is not known whether the server has committed: so it
 * is asked before anything is sent again. A copy that was still under way when it was asked makes the second one fail,
 * which then is no failure either.
 * @throws the last error when patience ends, and every error that does not pass; InterruptedError
 */
export async function sendOnce({ send, hasLanded }: OnceOnly, patience: Patience): Promise<void> {
  let isRepeat = false
  await retrying(async () => {
    if (isRepeat && (await hasLanded())) return
    try {
      await send()
    } catch (error) {
      if (isRepeat && !passes(error) && error instanceof ForgebenchError && (await hasLanded())) return
      isRepeat = true
      throw error
    }
  }, patience)
}

/**
 * Asks again while it fails in ways that pass, with longer and longer waits; only for what can be repeated without harm.
 * @throws as `sendOnce`
 */
export async function retrying<T>(ask: () => Promise<T>, patience: Patience): Promise<T> {
  const { giveUpMs, answerMs = defaultAnswerMs, signal } = patience
  const startedMs = performance.now()
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
    if (signal?.aborted === true) throw new InterruptedError()
    try {
      return await answeredWithin(ask(), answerMs)
    } catch (error) {
      if (!passes(error) || performance.now() - startedMs + waitMs > giveUpMs) throw error
      // Half of it by chance, so that many senders do not come back at the same moment.
      await sleep(waitMs * (0.5 + Math.random() / 2))
    }
  }
}

async function answeredWithin<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TargetError('TARGET_UNREACHABLE', `no answer within ${milliseconds / 1000} s`)),
      milliseconds,
    )
  })
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
  }
}
