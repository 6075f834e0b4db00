import type { PlannedStage } from '../core/load-stages.ts'
import type { LoadTls } from './target/load-tls.ts'

/**
 * How load comes: an open model of arrivals that do not wait for answers, a closed model of users with think time, or the
 * peak, a closed model without think time.
 */
export type LoadModel =
  | { readonly kind: 'open-model'; readonly ratePerSec: number; readonly spacing: 'uniform' | 'poisson' }
  | { readonly kind: 'closed-model'; readonly users: number }
  | { readonly kind: 'peak' }

/** Everything an engine needs to know, as plain values: it crosses into worker processes as it is. */
export interface LoadPlan {
  /** Base URL without a trailing slash; paths of the profile are appended to it. */
  readonly url: string
  /** Absolute path of the profile. */
  readonly profilePath: string
  /** Absolute path of the JSON file with the drawn rows. */
  readonly dataPath: string
  readonly mix: string
  readonly seed: number
  readonly model: LoadModel
  readonly stages: readonly PlannedStage[]
  /** Seconds from the start that no threshold sees. */
  readonly warmUpSeconds: number
  /** Connections that are opened before the load starts. */
  readonly connections: number
  /** The pool may grow to so many while the load runs; absent where it is fixed at `connections`. */
  readonly maxConnections?: number
  /** Connections opened a second at most, before the load starts and while it runs. */
  readonly connectRatePerSec: number
  /** From sending to the last byte of the answer. */
  readonly timeoutMs: number
  /** No more requests than this are sent. */
  readonly maxRequests: number
  readonly workers: number
  /** Name of the environment variable that holds a bearer token; the token itself is in no plan. */
  readonly tokenEnv: string | null
  readonly tls?: LoadTls | undefined
}
