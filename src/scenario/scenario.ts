import { z } from 'zod'
import { functionOf, objectOf, text, type FieldsOf, type Infer } from '../core/fields.ts'
import { driverNames } from '../target/drivers.ts'
import { budgetSchema } from './budget.ts'
import type { Dataset } from './dataset.ts'
import { idKind, type Tuple, type Value } from './value.ts'

/** The form of a scenario file; what two fields mean together is checked in the rules beside this file. */

export const kebabCase = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens, such as covering-index')
export const operationId = z
  .string()
  .regex(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/, 'must be letters and digits, joined by hyphens, such as Q1')
/** A table or column as SQLite has it: any text, without quotes around it. */
export const sqlName = z.string().regex(/^[^\0]+$/, 'must be the name of a table or column')

export const statisticsState = z.enum(['none', 'analyzed'])
/** Planner statistics: as after `CREATE INDEX` alone, or after `ANALYZE`. Two different databases in practice. */
export type StatisticsState = Infer<typeof statisticsState>
const statisticsStates = z
  .array(statisticsState)
  .min(1, 'must not be empty; leave it out for the default')
  .refine((states) => new Set(states).size === states.length, 'must not name a state twice')

export const driver = z.enum(driverNames)
export const role = z.enum(['baseline', 'candidate', 'alternative', 'driver'])

const variantFields = {
  /** Kebab-case, unique in the scenario. */
  id: kebabCase,
  /** A few words for a table cell. */
  title: text,
  /** What it is to the question: the schema as it is, the change asked about, another way, or the same through a client. */
  role,
  /** Names of migrations of the dataset or of the project's `migrations/`, applied in this order after `initial`. */
  migrations: z.array(kebabCase),
  /** Statistics states to measure; the scenario's own by default. */
  statistics: statisticsStates.optional(),
  /** Version of the UUIDs in the dataset; `v4` by default. */
  ids: idKind.optional(),
  /** What it is reached through: `libsql` (the engine itself) by default. */
  driver: driver.optional(),
  /** The variant it is compared with; the scenario's first one by default. */
  versus: z.string().optional(),
}
/** A schema to compare: migrations on top of the dataset's tables, and how it is reached. */
export interface Variant extends FieldsOf<typeof variantFields> {}
const variantSchema: z.ZodType<Variant> = objectOf(variantFields)

export const tableDrawFields = {
  table: sqlName,
  /** What a drawn row holds, in this order. */
  columns: z.array(sqlName).min(1, 'must name at least one column; args may leave it unused'),
  /** SQL condition on that table. */
  where: text.optional(),
}
/**
 * Columns of a table or a view, named as they are, without quotes. Rows of a table are found in every variant by row
 * number, or by primary key where one keeps the table `WITHOUT ROWID`; values of a view come from the first variant and
 * are given to all.
 */
export interface TableDraw extends FieldsOf<typeof tableDrawFields> {}

const queryDrawFields = {
  /** One SELECT without placeholders. */
  sql: text,
}
/**
 * Anything else that can be selected: a drawn row is a row of this query on the first variant (or the baseline of a
 * gate), and every variant is asked with the same values.
 */
export interface QueryDraw extends FieldsOf<typeof queryDrawFields> {}

/**
 * Rows drawn from the dataset, each row alike, so that values come with the skew they have there:
 * a customer with 5 % of the orders is drawn 5 % of the time.
 */
export type Draw = TableDraw | QueryDraw
const drawSchema: z.ZodType<Draw> = z.union([objectOf(tableDrawFields), objectOf(queryDrawFields)])

/** What arguments are made with, besides the drawn row. */
export interface ArgumentContext {
  /** Position of the tuple, from 0. */
  readonly index: number
  /**
   * A fresh id, as the dataset makes them: unless it says otherwise a UUID in the form of the primary key of the table drawn
   * from, text or bytes; exit 2 where that is no UUID.
   */
  readonly newId: () => Value
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number
}

const operationFields = {
  /** Short and unique in the scenario, such as `Q1`. */
  id: operationId,
  title: text,
  /** One statement with a plain `?` for each argument. With `LIMIT`, say `ORDER BY`. */
  sql: text,
  /** Rows of the data, which become the arguments with the skew that they have there: a `TableDraw` or a `QueryDraw`. */
  draw: drawSchema,
  /**
   * Turns a drawn row into the arguments; the row itself by default, and `() => []` where there are none. Must be pure: it
   * runs once per variant. Ids come as they are, text or bytes; whole numbers above 2^53 as bigint.
   */
  args: functionOf<(row: Tuple, context: ArgumentContext) => Tuple>().optional(),
  /** How often it is called in a month, for bills; of a write, its transactions. `--calls` counts over it. */
  callsPerMonth: z.number().int().min(0, 'must be 0 or more').max(1e15, 'must be at most 1e15').optional(),
}

const rowCount = z.number().int().min(0)
const readFields = {
  kind: z.literal('read'),
  ...operationFields,
  /** Rows that every execution returns, at least and at most. */
  rows: objectOf({
    min: rowCount,
    max: rowCount.min(1, 'must be at least 1: a query without rows shows nothing'),
  }),
  /**
   * The columns of ORDER BY. Rows that tie with the last one of a full page (`rows.max`) may differ between
   * plans and are left out of the comparison of answers; without it answers are compared as sets.
   */
  orderedBy: z
    .array(sqlName)
    .min(1, 'must not be empty; leave it out when the order means nothing')
    .optional(),
}
export interface ReadOperation extends FieldsOf<typeof readFields> {}

const writeFields = {
  kind: z.literal('write'),
  ...operationFields,
  /** Statements between BEGIN and COMMIT; the transaction is what is timed. */
  statementsPerTransaction: z.number().int().min(1),
}
export interface WriteOperation extends FieldsOf<typeof writeFields> {}

export type Operation = ReadOperation | WriteOperation
const operationSchema: z.ZodType<Operation> = z.union([objectOf(readFields), objectOf(writeFields)])

const clientWorkFields = {
  id: kebabCase,
  title: text,
  /** What is timed, on one UUID after another. */
  run: functionOf<(uuid: { readonly text: string; readonly bytes: Uint8Array }) => unknown>(),
}
/** Work that a choice moves into the application, timed in JavaScript alone. */
export interface ClientWork extends FieldsOf<typeof clientWorkFields> {}
const clientWorkSchema: z.ZodType<ClientWork> = objectOf(clientWorkFields)

const objectName = z.string().regex(/^[^\s]+$/, 'must be the name of a table or index')
/** Which bytes: the whole file, all tables, all indexes (with those of primary keys), or named objects. */
export type BytesOf = 'file' | 'tables' | 'indexes' | readonly string[]
const bytesOf: z.ZodType<BytesOf> = z.union(
  [z.enum(['file', 'tables', 'indexes']), z.array(objectName).min(1)],
  'must be file, tables, indexes or a list of names of tables and indexes',
)

/** A claimed relative change. */
export const claimedRange = objectOf({ from: z.number(), to: z.number() })
const partFields = {
  /** The variant that the claim is about. */
  variant: z.string(),
  /** The variant that it is compared with. */
  versus: z.string(),
  /** Claimed change: from the weaker to the stronger end; equal ends for a single number. −0.5 is −50 %. */
  claimed: claimedRange,
}
/** The parts of claims that a run measures, by their measure. */
export const runPartFields = {
  time: {
    measure: z.literal('time'),
    ...partFields,
    quantile: z.enum(['p50', 'p95']),
    operation: z.string(),
  },
  throughput: { measure: z.literal('throughput'), ...partFields, operation: z.string() },
  bytes: {
    measure: z.literal('bytes'),
    ...partFields,
    /** Which bytes of `variant`. */
    of: bytesOf,
    /** Which bytes of `versus`; the same by default. */
    versusOf: bytesOf.optional(),
  },
  cacheMemory: { measure: z.literal('cache-memory'), ...partFields },
}
const loadPartFields = { measure: z.literal('load-throughput'), ...partFields }
type RunPartFields = typeof runPartFields
/** One measurable part of a claim: a quantity of `variant` against `versus`, as a relative change. */
export type RunClaimPart = {
  [Kind in keyof RunPartFields]: FieldsOf<RunPartFields[Kind]>
}[keyof RunPartFields]
/** Requests a second of the API that serves the variant, as `forgebench load compare` measures them, under each mix. */
export interface LoadClaimPart extends FieldsOf<typeof loadPartFields> {}
export type ClaimPart = RunClaimPart | LoadClaimPart
const partSchema: z.ZodType<ClaimPart> = z.union([
  objectOf(runPartFields.time),
  objectOf(runPartFields.throughput),
  objectOf(runPartFields.bytes),
  objectOf(runPartFields.cacheMemory),
  objectOf(loadPartFields),
])

const claimCheckFields = {
  /** Id in the `claims.json` beside the scenario or in the nearest folder above it. */
  claim: text,
  /** What puts the claim to the test. */
  parts: z.array(partSchema).min(1, 'must hold at least one part'),
  /** What a reader must know beside the numbers, such as why something was measured in its place. */
  note: text.optional(),
}
export interface ClaimCheck extends FieldsOf<typeof claimCheckFields> {}
const claimCheckSchema: z.ZodType<ClaimCheck> = objectOf(claimCheckFields)

const scenarioFields = {
  /** The question. */
  title: text,
  /** Why the question matters: one paragraph. */
  why: text,
  /** What it stands on: a dataset, or the name of one in forgebench.config.ts; that of the project by default. */
  dataset: (z.unknown() as unknown as z.ZodType<Dataset | string>).optional(),
  /** In place of a dataset: a database file, relative to the scenario's, such as `file:app.db`. It is copied. */
  database: z
    .string()
    .regex(/^file:./, 'must be a database file, such as file:app.db')
    .optional(),
  /** The claims that it puts to the test; empty when nothing is claimed. */
  claims: z.array(claimCheckSchema),
  /** The first one is the baseline. */
  variants: z.array(variantSchema).min(1, 'must hold at least the baseline'),
  /**
   * With and without `ANALYZE`: `['analyzed', 'none']` by default. Without statistics, a variant is named `<id>:no-stats`.
   */
  statistics: statisticsStates.optional(),
  /** What is measured: a `ReadOperation` or a `WriteOperation` each. */
  operations: z.array(operationSchema).min(1, 'must hold at least one operation'),
  /** Also measure the page-cache memory that the reads fill. */
  cacheMemory: z.boolean().optional(),
  /** Work that a variant leaves to the application. */
  clientWork: z.array(clientWorkSchema).optional(),
  /**
   * What `forgebench gate budgets` holds a variant to, without another one beside it; `forgebench calibrate` suggests
   * them. Limits on time belong to one machine: put them into `gate.budgets` of `forgebench.config.ts`.
   */
  budgets: z.array(budgetSchema).optional(),
}
/** A question with variants, operations and the answer expected. */
export interface Scenario extends FieldsOf<typeof scenarioFields> {}
export const scenarioSchema: z.ZodType<Scenario> = objectOf(scenarioFields)
