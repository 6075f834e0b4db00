import type { LoadStage } from '../core/load-stages.ts'
import type { TableDraw } from './scenario.ts'

export type { LoadStage }

/** A value of a request's body, or of a drawn row. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** One row drawn from the seeded data, by column. */
export type LoadRow = Readonly<Record<string, null | number | string>>

/** Rows drawn from the seeded data, by the names that the profile gives them. */
export type LoadData = Readonly<Record<string, readonly LoadRow[]>>

/** What a request is made of. Everything in it depends on the seed and the request's place in the sequence alone. */
export interface LoadDraw {
  /** Place of the request in the sequence, from 0. */
  readonly index: number
  /** Uniform in [0, 1), another number at each call. */
  readonly random: () => number
  /** A row of a drawn table, each row alike. */
  readonly row: (table: string) => LoadRow
}

export type LoadMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One kind of request; its weight is in the mixes. */
export interface LoadRequest {
  /** Short and unique in the profile, such as `list`; the value of the tag `op` in thresholds. */
  readonly id: string
  readonly title: string
  readonly method: LoadMethod
  /** Path below the URL under load, with the query, such as `/api/v1/orders?limit=20`. Pure. */
  readonly path: (draw: LoadDraw) => string
  /** JSON body. Pure. */
  readonly body?: (draw: LoadDraw) => Json
  /** The one status that is a success; every other answer counts as failed. */
  readonly status: number
  /** The table that one row is added to by every success: rows are counted afterwards where the database is known. */
  readonly creates?: string
}

/** A table of rows to draw before the load. */
export interface LoadTable extends TableDraw {
  readonly rows: number
}

/**
 * A threshold in the syntax of k6: `'p(95)<200'`, or that with `abortOnFail`, which ends the load as soon as the threshold
 * significantly fails by what has been measured so far; from `delayAbortEval` after its start on, such as `'30s'` or 30000 (ms).
 */
export type ProfileThreshold =
  | string
  | {
      readonly threshold: string
      readonly abortOnFail?: boolean
      readonly delayAbortEval?: string | number
    }

/**
 * What a load sends, apart from how fast. The file that holds it may import types from `forgebench`, and files beside
 * it by their real name (`./x.ts`), and nothing else: k6 reads the same file.
 */
export interface LoadProfile {
  readonly title: string
  /** Why this load matters: one paragraph. */
  readonly why: string
  /** Rows that requests are made of; left out where none are. */
  readonly data?: {
    /** File beside the profile that holds the rows: JSON as `forgebench load draw-data` makes it, or CSV. */
    readonly file: string
    readonly tables: Readonly<Record<string, LoadTable>>
  }
  readonly requests: readonly LoadRequest[]
  /** Weights of the requests by their ids; the first mix is the default. */
  readonly mixes: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Think time of a user between two requests, uniform; needed for loads that are given in users. */
  readonly thinkMs?: { readonly from: number; readonly to: number }
  /** The stages before the longest one are the warm-up, which no threshold sees. 3 s and 27 s at full level unless given. */
  readonly stages?: readonly LoadStage[]
  /** Thresholds in the syntax of k6, such as `'http_req_duration{op:list}': ['p(95)<200']`. */
  readonly thresholds: Readonly<Record<string, readonly ProfileThreshold[]>>
}

/** One request of the sequence, ready to be sent. */
export interface PlannedRequest {
  readonly index: number
  /** Id of the request's kind. */
  readonly op: string
  readonly method: LoadMethod
  readonly path: string
  /** JSON text, or null. */
  readonly body: string | null
}

/** Gives a profile its type; returns the value as it is. A file that k6 reads says `satisfies LoadProfile` instead. */
export const defineLoadProfile = (profile: LoadProfile): LoadProfile => profile
