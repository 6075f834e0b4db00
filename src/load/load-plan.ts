import type { LoadTls } from './load-tls.ts'

/** How load comes: arrivals that wait for nobody, users who think between requests, or as fast as answers allow. */
export type LoadModel =
  | { readonly kind: 'arrivals'; readonly ratePerSec: number; readonly spacing: 'uniform' | 'poisson' }
  | { readonly kind: 'users'; readonly users: number }
  | { readonly kind: 'peak' }

/** A stretch of the load in which its level (share of the rate or users asked for) changes in a straight line. */
export interface PlannedStage {
  readonly seconds: number
  readonly fromLevel: number
  readonly toLevel: number
}

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

/** Length of a plan's load in seconds, warm-up included. */
export const plannedSeconds = ({ stages }: Pick<LoadPlan, 'stages'>): number =>
  stages.reduce((sum, { seconds }) => sum + seconds, 0)
