import { isEarlyThreshold, type Threshold } from '../../run/threshold.ts'
import { durationSeconds } from './duration.ts'
import type { LoadProfile, ProfileThreshold } from './load-profile.ts'

/** A threshold as a load is planned with it. */
export interface PlannedThreshold {
  readonly metric: string
  readonly expression: string
  /** The load ends once it fails, from so many seconds after its start on; absent where it is judged at the end alone. */
  readonly abortAfterSeconds?: number
}

/** The thresholds of a profile that has been checked, one by one. */
export const listThresholds = (thresholds: LoadProfile['thresholds']): readonly PlannedThreshold[] =>
  Object.entries(thresholds).flatMap(([metric, entries]) =>
    entries.map((entry) => ({ metric, ...plannedThreshold(entry) })),
  )

function plannedThreshold(entry: ProfileThreshold): Omit<PlannedThreshold, 'metric'> {
  if (typeof entry === 'string') return { expression: entry }
  const { threshold: expression, abortOnFail, delayAbortEval = 0 } = entry
  return abortOnFail === true
    ? { expression, abortAfterSeconds: durationSeconds(delayAbortEval) ?? 0 }
    : { expression }
}

/** What is wrong with `abortOnFail` on a threshold; undefined when nothing is. */
export const abortMistake = (threshold: Threshold): string | undefined =>
  isEarlyThreshold(threshold)
    ? undefined
    : `abortOnFail would end every load at its start: ${threshold.metric} is known when the load has ended; leave abortOnFail out`
