import type { LoadMeasurement, LoadWorker } from '../../run/load/load-run.ts'
import type { LoadPlan } from '../load-plan.ts'
import type { WaitedRequests } from './wait-log.ts'

/** What a sender process is started with. */
export interface SenderTask {
  readonly plan: LoadPlan
  /** This sender's place among `plan.workers`. */
  readonly worker: number
}

/** From the engine to a sender process. */
export type ToSender =
  | { readonly kind: 'task'; readonly task: SenderTask }
  /** A moment of `machineNs`, the same for all. */
  | { readonly kind: 'start'; readonly startNs: number }
  /** Send nothing new, wait for what is under way, report. */
  | { readonly kind: 'stop' }
  /** The same, and what was due until now is sent as at the end of a load. */
  | { readonly kind: 'finish' }

/** From a sender process to the engine. */
export type FromSender =
  | { readonly kind: 'opening'; readonly opened: number }
  | { readonly kind: 'ready' }
  /** About once a second. */
  | {
      readonly kind: 'outcomes'
      readonly second: number
      readonly sent: number
      /** As `outcomesIn` reads them. */
      readonly records: Float64Array
    }
  | { readonly kind: 'result'; readonly result: SenderResult }
  | { readonly kind: 'failure'; readonly code: string; readonly message: string; readonly isUsage: boolean }

export interface SenderResult {
  readonly connections: LoadMeasurement['connections']
  /** Connections that could not be opened, by the code of the error. */
  readonly connectFailures: Readonly<Record<string, number>>
  readonly worker: LoadWorker
  /** When the last arrival was due, or the load was interrupted, in nanoseconds since it began. */
  readonly drivenNs: number
  /** Requests that found every connection busy. */
  readonly waited: WaitedRequests
  /** The sender gave the target up because it refused connections for too long. */
  readonly gaveUp: boolean
}
