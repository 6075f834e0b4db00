import { z } from 'zod'
import { functionOf, objectOf, text, type FieldsOf, type Infer } from '../../core/fields.ts'
import type { LoadStage } from '../../core/load-stages.ts'
import { durationSeconds } from './duration.ts'
import { sqlName, tableDrawFields } from '../scenario.ts'

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

const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
export type LoadMethod = Infer<typeof method>

const requestFields = {
  /** Short and unique in the profile, such as `list`; the value of the tag `op` in thresholds. */
  id: z
    .string()
    .regex(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/, 'must be letters and digits, joined by hyphens, such as list'),
  title: text,
  method,
  /** Path below the URL under load, with the query, such as `/api/v1/orders?limit=20`. Pure. */
  path: functionOf<(draw: LoadDraw) => string>(),
  /** What is sent as JSON. Pure. */
  body: functionOf<(draw: LoadDraw) => Json>().optional(),
  /** The one status that is a success; every other answer counts as failed. */
  status: z.number().int().min(200).max(599),
  /** The table that one row is added to by every success: rows are counted afterwards where the database is known. */
  creates: sqlName.optional(),
}
/** One kind of request; its weight is in the mixes. */
export interface LoadRequest extends FieldsOf<typeof requestFields> {}
const requestSchema: z.ZodType<LoadRequest> = objectOf(requestFields)

const stageSchema: z.ZodType<LoadStage> = objectOf({
  seconds: z.number().gt(0, 'must be more than 0'),
  level: z.number().min(0).max(1, 'must be at most 1: it is a share of the rate or users asked for'),
})

const tableFields = {
  ...tableDrawFields,
  /** How many are drawn. */
  rows: z.number().int().min(1).max(100_000),
}
/** A table of rows to draw before the load. */
export interface LoadTable extends FieldsOf<typeof tableFields> {}
const tableSchema: z.ZodType<LoadTable> = objectOf(tableFields)

const thresholdFields = {
  /** Such as `'p(95)<200'`. */
  threshold: z.string(),
  /** Ends the load as soon as the threshold significantly fails by what has been measured so far. */
  abortOnFail: z.boolean().optional(),
  /** From so long after the start on, such as `'30s'`, or milliseconds as a number. */
  delayAbortEval: z
    .custom<string | number>(
      (value) => durationSeconds(value) !== undefined,
      "must be a duration such as '30s', or milliseconds as a number",
    )
    .optional(),
}
/** A threshold that may end the load. */
export interface AbortingThreshold extends FieldsOf<typeof thresholdFields> {}
export const abortingThreshold: z.ZodType<AbortingThreshold> = objectOf(thresholdFields)
/** A threshold in the syntax of k6: `'p(95)<200'`, or that with `abortOnFail`. */
export type ProfileThreshold = string | AbortingThreshold

const weights = z.record(
  z.string(),
  z.number().min(0),
  'must be weights of requests by their ids, such as { list: 3, create: 1 }',
)

const profileFields = {
  title: text,
  /** Why this load matters: one paragraph. */
  why: text,
  /** Rows that requests are made of; left out where none are. */
  data: objectOf({
    /** File beside the profile that holds the rows: JSON as `forgebench load draw-data` makes it, or CSV. */
    file: text,
    tables: z.record(z.string(), tableSchema),
  }).optional(),
  /** What is sent. */
  requests: z.array(requestSchema).min(1, 'must hold at least one request'),
  /** Weights of the requests by their ids; the first mix is the default. */
  mixes: z
    .record(z.string(), weights)
    .refine((mixes) => Object.keys(mixes).length > 0, 'must hold at least one mix of requests'),
  /** Think time of a user between two requests, uniform; needed for loads that are given in users. */
  thinkMs: objectOf({ from: z.number().min(0), to: z.number().min(0).max(3_600_000) }).optional(),
  /** The stages before the longest one are the warm-up, which no threshold sees. 3 s and 27 s at full level unless given. */
  stages: z.array(stageSchema).min(1, 'must hold at least one stage').optional(),
  /** Thresholds in the syntax of k6, such as `'http_req_duration{op:list}': ['p(95)<200']`. */
  thresholds: z.record(z.string(), z.unknown()) as unknown as z.ZodType<
    Readonly<Record<string, readonly ProfileThreshold[]>>
  >,
}
/**
 * What a load sends, apart from how fast. The file that holds it may import types from `forgebench`, and files beside
 * it by their real name (`./x.ts`), and nothing else: k6 reads the same file.
 */
export interface LoadProfile extends FieldsOf<typeof profileFields> {}
export const profileSchema: z.ZodType<LoadProfile> = objectOf(profileFields)

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
