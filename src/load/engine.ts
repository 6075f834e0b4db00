import type { LoadMeasurement, LoadRun, LoadSlice } from '../run/load/load-run.ts'
import type { LoadPlan } from './load-plan.ts'

/** What an engine reports while it works. */
export type LoadEvent =
  /** Something takes its time before the load, such as opening connections. */
  | { readonly kind: 'step'; readonly text: string; readonly done?: number; readonly total?: number }
  /** About once a second. */
  | {
      readonly kind: 'second'
      readonly second: number
      readonly sent: number
      readonly answered: number
      readonly failed: number
      /** P95 of this second, of response time where it is known. */
      readonly p95Ns: number | null
    }
  | { readonly kind: 'warning'; readonly text: string }

/** What is known of a load while it runs. */
export interface LoadSoFar {
  /** Of the requests that have ended. */
  readonly slices: readonly LoadSlice[]
  /** Requests that were due and will not be sent, as far as the tool reports them before the end. */
  readonly neverSent: number
}

/** What may end a load early: a threshold with `abortOnFail`. */
export interface EarlyEnd {
  /** Aborted: send nothing new; what is due or under way is waited for, and the load is complete. */
  readonly enough: AbortSignal
  /** To be called when so many seconds of the load are over; `soFar` costs time and is called when it is needed. */
  readonly onSecond: (seconds: number, soFar: () => LoadSoFar) => void
  /** What aborted `enough`. */
  readonly endedBy: () => LoadMeasurement['endedBy']
}

/** What an engine is given beside its plan. */
export interface LoadContext {
  /** Aborted: send nothing new, wait for what is under way (at most the timeout), and return what was measured. */
  readonly signal: AbortSignal
  readonly emit: (event: LoadEvent) => void
  /** For an engine that runs a tool: what the user wrote after `--`, to be handed on. */
  readonly toolArgs?: readonly string[]
  /** For an engine whose tool judges by itself: the thresholds of the load; the profile's own where absent. */
  readonly thresholds?: LoadRun['thresholds']
  /** Absent where the load ends when its time is over. */
  readonly early?: EarlyEnd
}

/**
 * Sends a load and measures it. It returns in every case, interrupted or against a dead server, and accounts for
 * every request that it planned.
 * @throws UsageError when the tool is missing or the profile does not suit it; TargetError when it dies itself
 */
export type LoadEngine = (plan: LoadPlan, context: LoadContext) => Promise<LoadMeasurement>
