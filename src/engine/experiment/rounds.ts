import { InterruptedError } from '../../core/errors.ts'

/** Rounds, each carried out by a fresh process: what a run, a gate, budgets and a comparison of loads have each of their own. */
export interface Rounds<Plan, Result> {
  readonly mostRounds: number
  /** Rounds that are measured whatever time they take: with fewer there would be no answer at all. */
  readonly fewestRounds: number
  /** Seconds after which no further round begins. */
  readonly maxSeconds: number
  /** Short rounds before the first, which are round 0: they show how long calls take. */
  readonly pilots: readonly (() => Plan)[]
  /** What to measure in a round; undefined ends the rounds. */
  readonly plan: (round: number) => Plan | undefined
  readonly measure: (plan: Plan, round: number) => Promise<Result>
  /** Takes in what was measured, at once, so that a failure keeps it. */
  readonly collect: (result: Result, round: number) => void
  readonly progress: (done: number) => void
  readonly signal: AbortSignal
}

/**
 * Rounds until there is nothing left to measure, the most rounds are reached or the time is up.
 * @throws InterruptedError between two rounds, and what `measure` throws
 */
export async function takeRounds<Plan, Result>(rounds: Rounds<Plan, Result>): Promise<void> {
  const startMs = performance.now()
  for (const pilot of rounds.pilots) rounds.collect(await rounds.measure(pilot(), 0), 0)
  rounds.progress(0)
  for (let round = 1; round <= rounds.mostRounds; round++) {
    const plan = rounds.plan(round)
    const isLate = (performance.now() - startMs) / 1000 > rounds.maxSeconds
    if (plan === undefined || (isLate && round > rounds.fewestRounds)) return
    if (rounds.signal.aborted) throw new InterruptedError()
    rounds.collect(await rounds.measure(plan, round), round)
    rounds.progress(round)
  }
}
