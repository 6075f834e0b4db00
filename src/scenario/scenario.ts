import type { Budget } from './budget.ts'
import type { Dataset } from './dataset.ts'
import type { IdKind, Tuple, Value } from './value.ts'

/** Planner statistics: as after `CREATE INDEX` alone, or after `ANALYZE`. Two different databases in practice. */
export type StatisticsState = 'none' | 'analyzed'
export type Driver = 'libsql' | '@libsql/client'

/** A schema to compare: migrations on top of the dataset's tables, and how it is reached. */
export interface Variant {
  /** Kebab-case, unique in the scenario. */
  readonly id: string
  /** A few words for a table cell. */
  readonly title: string
  /** What it is to the question: the schema as it is, the change asked about, another way, or the same through a client. */
  readonly role: 'baseline' | 'candidate' | 'alternative' | 'driver'
  /** Names of migrations of the dataset or the project, applied in this order after `initial`. */
  readonly migrations: readonly string[]
  /** Statistics states to measure; the scenario's own by default. */
  readonly statistics?: readonly StatisticsState[]
  /** Version of the UUIDs in the dataset; `v4` by default. */
  readonly ids?: IdKind
  /** `libsql` (the engine itself) by default. */
  readonly driver?: Driver
  /** The variant it is compared with; the scenario's first one by default. */
  readonly versus?: string
}

/**
 * Rows drawn from the dataset, each row alike, so that values come with the skew they have there:
 * a customer with 5 % of the orders is drawn 5 % of the time.
 */
export type Draw = TableDraw | QueryDraw

/** Columns of a table or a view, named as they are, without quotes. */
export interface TableDraw {
  readonly table: string
  readonly columns: readonly string[]
  /** SQL condition on that table. */
  readonly where?: string
}

/**
 * Anything else that can be selected: a drawn row is a row of this query on the first variant (or the baseline of a
 * gate), and every variant is asked with the same values.
 */
export interface QueryDraw {
  /** One SELECT without placeholders. */
  readonly sql: string
}

export interface ArgumentContext {
  /** Position of the tuple, from 0. */
  readonly index: number
  /** A fresh id, encoded like the ids of the variant at hand. */
  readonly newId: () => Value
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number
}

interface OperationBase {
  /** Short and unique in the scenario, such as `Q1`. */
  readonly id: string
  readonly title: string
  /** One statement with `?` for each argument. */
  readonly sql: string
  readonly draw: Draw
  /** Turns a drawn row into the arguments; the row itself by default. Must be pure: it runs once per variant. */
  readonly args?: (row: Tuple, context: ArgumentContext) => Tuple
}

export interface ReadOperation extends OperationBase {
  readonly kind: 'read'
  /** Rows that every execution returns, at least and at most. */
  readonly rows: { readonly min: number; readonly max: number }
  /**
   * The columns of ORDER BY. Rows that tie with the last one of a full page (`rows.max`) may differ between
   * plans and are left out of the comparison of answers; without it answers are compared as sets.
   */
  readonly orderedBy?: readonly string[]
}

export interface WriteOperation extends OperationBase {
  readonly kind: 'write'
  /** Statements between BEGIN and COMMIT; the transaction is what is timed. */
  readonly statementsPerTransaction: number
}

export type Operation = ReadOperation | WriteOperation

/** Work that a choice moves into the application, timed in JavaScript alone. */
export interface ClientWork {
  readonly id: string
  readonly title: string
  readonly run: (uuid: { readonly text: string; readonly bytes: Uint8Array }) => unknown
}

/** Which bytes: the whole file, all tables, all indexes (with those of primary keys), or named objects. */
export type BytesOf = 'file' | 'tables' | 'indexes' | readonly string[]

/** One measurable part of a claim: a quantity of `variant` against `versus`, as a relative change (−0.5 = −50 %). */
export type ClaimPart = {
  readonly variant: string
  readonly versus: string
  /** Claimed change: from the weaker to the stronger end; equal ends for a single number. */
  readonly claimed: { readonly from: number; readonly to: number }
} & (
  | { readonly measure: 'time'; readonly quantile: 'p50' | 'p95'; readonly operation: string }
  | { readonly measure: 'throughput'; readonly operation: string }
  | { readonly measure: 'bytes'; readonly of: BytesOf; readonly versusOf?: BytesOf }
  | { readonly measure: 'cache-memory' }
  /** Requests a second of the API that serves the variant, as `forgebench load compare` measures them, under each mix. */
  | { readonly measure: 'load-throughput' }
)

export interface ClaimCheck {
  /** Id in the `claims.json` beside the scenario or in the nearest folder above it. */
  readonly claim: string
  readonly parts: readonly ClaimPart[]
  /** What a reader must know beside the numbers, such as why something was measured in its place. */
  readonly note?: string
}

/** A question with variants, operations and the answer expected. */
export interface Scenario {
  readonly title: string
  /** Why the question matters: one paragraph. */
  readonly why: string
  /** What it stands on: a dataset, or the name of one in forgebench.config.ts; that of the project by default. */
  readonly dataset?: Dataset | string
  /** In place of a dataset: a database file, relative to the scenario's, such as `file:app.db`. It is copied. */
  readonly database?: string
  readonly claims: readonly ClaimCheck[]
  /** The first one is the baseline. */
  readonly variants: readonly Variant[]
  /** Statistics states that variants are measured in; `['analyzed', 'none']` by default. */
  readonly statistics?: readonly StatisticsState[]
  readonly operations: readonly Operation[]
  /** Also measure the page-cache memory that the reads fill. */
  readonly cacheMemory?: boolean
  readonly clientWork?: readonly ClientWork[]
  /** What `forgebench gate budgets` holds a variant to, without another one beside it. */
  readonly budgets?: readonly Budget[]
}

/** Gives a scenario file its type; returns the value as it is. */
export const defineScenario = (scenario: Scenario): Scenario => scenario
