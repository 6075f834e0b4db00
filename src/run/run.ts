import { z } from 'zod'
import { knownFieldsOf, type DeepReadonly } from '../core/fields.ts'
import { isPriced, storedPriceTable } from '../cost/price-table.ts'
import { budgetFields, type Budget } from '../scenario/budget.ts'
import { claimFields } from '../scenario/claims-file.ts'
import { driver, role, runPartFields, statisticsState } from '../scenario/scenario.ts'
import { idKind } from '../scenario/value.ts'

/** Version of the file format; raised when a reader of the old one would misread the new one. */
export const runFormatVersion = 3

export const nanoseconds = z.number().int().nonnegative()
export const count = z.number().int().nonnegative()

/** What the numbers depend on and a reader cannot see. */
export const environment = z.object({
  node: z.string(),
  platform: z.string(),
  cpuModel: z.string(),
  cpus: count,
  memoryBytes: count,
  loadAverage: z.array(z.number()),
  ci: z.boolean(),
  engine: z.object({ sqlite: z.string(), libsql: z.string(), client: z.string() }),
  /** Of every driver that a variant was measured through, by its name; absent in Runs of older versions. */
  drivers: z
    .record(
      z.string(),
      z.object({
        version: z.string(),
        sqlite: z.string(),
        /** Requests under way at once, where a server was asked. */
        concurrency: count.optional(),
        lacks: z.array(z.string()).optional(),
      }),
    )
    .optional(),
})

const settings = z.object({
  seed: count,
  scale: z.number().positive(),
  /** Rounds after which claims are judged, and the one-sided error that each of these interim analyses may make. */
  analyses: z.array(z.object({ rounds: count.positive(), alpha: z.number().gt(0).lt(1) })),
  /** Time of a slice. */
  sliceMs: z.number().positive(),
  /** Seconds after which no further round began. */
  maxSeconds: z.number().positive(),
  /** Two-sided coverage asked of every interval; the exact coverage stands beside each. */
  confidence: z.number().gt(0).lt(1),
})

const storedObject = z.object({
  name: z.string(),
  kind: z.enum(['table', 'index']),
  table: z.string(),
  pages: count,
  bytes: count,
})

const variant = z.object({
  id: z.string(),
  title: z.string(),
  role,
  migrations: z.array(z.string()),
  statistics: statisticsState,
  ids: idKind,
  driver,
  /** Id of the variant it is compared with; null for the baseline itself. */
  versus: z.string().nullable(),
  /** Pragmas in force on the measured connection. */
  pragmas: z.record(z.string(), z.union([z.string(), z.number()])),
  fileBytes: count,
  objects: z.array(storedObject),
  /** Seconds-scale cost of CREATE INDEX on the seeded data, per index that this variant adds, one entry a repetition. */
  indexBuilds: z.array(z.object({ index: z.string(), buildNs: z.array(nanoseconds) })),
  /** Resident memory that the reads' pages take, one entry a repetition; absent when not asked for. */
  cacheMemoryBytes: z.array(z.number().int()).optional(),
})

const operation = z.object({
  id: z.string(),
  kind: z.enum(['read', 'write']),
  title: z.string(),
  sql: z.string(),
  /** Tuples of arguments drawn from the data. */
  argumentTuples: count,
  /** Statements in one timed transaction; 1 for a read. */
  statementsPerSample: count,
})

/** What one operation does on one variant, without a clock: the same on every machine. */
const evidence = z.object({
  operation: z.string(),
  variant: z.string(),
  /** Equal for the same logical arguments, however the variant stores its ids; absent in Runs of older versions. */
  argumentsDigest: z.string().optional(),
  /** Null for writes, whose answers are verified as rows present afterwards. */
  answerDigest: z.string().nullable(),
  rows: count,
  executions: count,
  plan: z.object({
    /** One line. */
    summary: z.string(),
    fingerprint: z.string(),
    /** What differs from the variant it is compared with; empty for none. */
    change: z.string(),
    /** One entry a line of EXPLAIN QUERY PLAN, indented as a tree. */
    lines: z.array(z.string()),
    /** True when ORDER BY, GROUP BY or DISTINCT needs a temporary B-tree. */
    tempBTree: z.boolean(),
  }),
  /** Sums over `executions`. */
  counters: z.object({
    /** The first four are those of embedded libSQL; absent of an engine that does not count them. */
    vmSteps: count.optional(),
    fullScanSteps: count.optional(),
    sorts: count.optional(),
    autoIndexRows: count.optional(),
    /** Bytes appended to the write-ahead log; null for reads. */
    walBytes: count.nullable(),
    /** Rows read as a libSQL server counts them, for the same arguments; absent where no server was asked. */
    rowsRead: count.optional(),
  }),
  /** How another engine than libSQL answers otherwise, on the same file; it is not timed then. Absent where it does not. */
  difference: z
    .object({
      kind: z.enum(['columns', 'rows', 'order', 'values', 'refused']),
      /** The engine's words where it refuses the statement. */
      refusal: z.string().nullable(),
      /** The smallest statement found that shows it, and its arguments as SQL writes them. */
      sql: z.string(),
      args: z.array(z.string()),
      /** The first row that differs, as SQL writes its values: libSQL's, and the engine's. */
      expected: z.string().nullable(),
      found: z.string().nullable(),
    })
    .optional(),
  /** Counters that a second count did not repeat: not to be judged exactly. Absent for none, or where they were counted once. */
  unsteady: z.array(z.string()).optional(),
})

/** One slice: a stretch of calls on one variant, back to back with slices of other variants in the same block. */
const slice = z.object({
  block: count,
  /** Place of the slice within its block. */
  order: count,
  /** The first call after another variant or operation ran; null where there was no lead-in. */
  firstNs: nanoseconds.nullable(),
  /** Samples after the lead-in, as `encodeSamples` writes them. */
  samplesNs: z.string(),
})

const timing = z.object({
  operation: z.string(),
  variant: z.string(),
  driver,
  /** A round is a fresh process. */
  rounds: z.array(z.object({ round: count, slices: z.array(slice) })),
})

const clientWork = z.object({
  id: z.string(),
  title: z.string(),
  samples: count,
  p50Ns: z.number(),
  p99Ns: z.number(),
  opsPerSec: z.number(),
})

const claimPart = z.discriminatedUnion('measure', [
  z.object(runPartFields.time),
  z.object(runPartFields.throughput),
  z.object(runPartFields.bytes),
  z.object(runPartFields.cacheMemory),
])

export const claim = z.object({ ...claimFields, note: z.string().optional(), parts: z.array(claimPart) })

/** Rows that a libSQL server counted of one operation on one variant, one entry an execution (of a write, a statement). */
const countedRows = z.object({
  operation: z.string(),
  variant: z.string(),
  rowsRead: z.array(count).min(1),
  rowsWritten: z.array(count).min(1),
  /** Milliseconds that the server says it took. */
  serverMs: z.array(z.number().nonnegative()).min(1),
  /** True when rows read hold the pages of a table or index in place of its rows, as sqld counts `count(*)`; absent for false. */
  countsPages: z.boolean().optional(),
})

/** What the bill of each variant is made of. */
const cost = z
  .object({
    /** The server that counted, by its own word. */
    server: z.string(),
    prices: storedPriceTable,
    /** Plan whose prices beyond the included amounts are taken. */
    plan: z.string(),
    /** Calls a month of operations that have any; a call of a write is a transaction. */
    calls: z.array(z.object({ operation: z.string(), callsPerMonth: count })),
    /** True when no calls were given, so that every operation has the same number. */
    callsAssumed: z.boolean(),
    counted: z.array(countedRows),
    /** Of the indexes that a variant has and the baseline has not: rows that CREATE INDEX read and wrote, once. */
    indexBuilds: z.array(
      z.object({ variant: z.string(), index: z.string(), rowsRead: count, rowsWritten: count }),
    ),
  })
  .refine(
    ({ prices, plan }) => prices.plans.some((each) => each.name === plan && isPriced(each)),
    'plan: must be one of its price table, with all of its prices',
  )

export const scenarioRunSchema = z.object({
  id: z.string(),
  title: z.string(),
  why: z.string(),
  /** SHA-256 of the scenario file. */
  fileDigest: z.string(),
  /** What it stands on; absent in Runs of older versions. Scale and seed make no difference to `as-it-is`. */
  dataset: z.object({ name: z.string(), rows: z.enum(['of-scale-and-seed', 'as-it-is']) }).optional(),
  /** Digest of the seeded rows, per kind of id. */
  dataDigests: z.record(z.string(), z.string()),
  variants: z.array(variant),
  operations: z.array(operation),
  evidence: z.array(evidence),
  timings: z.array(timing),
  clientWork: z.array(clientWork),
  claims: z.array(claim),
  warnings: z.array(z.string()),
  /** Limits to judge it by; absent for none, and in Runs of older versions. */
  budgets: z.array(knownFieldsOf(budgetFields)).optional(),
  /** Rows read and written, and what they are billed with; absent where it was not asked for. */
  cost: cost.optional(),
  /** False when it was interrupted: what is there was measured, what is missing was not. */
  complete: z.boolean(),
})

/** What a Run of any kind begins with. */
export const runHeaderSchema = {
  format: z.literal('forgebench-run'),
  version: z.literal(runFormatVersion),
  id: z.string(),
  status: z.enum(['complete', 'partial']),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  forgebench: z.string(),
}

export const runSchema = z.object({
  ...runHeaderSchema,
  environment,
  settings,
  scenarios: z.array(scenarioRunSchema),
})

/** Everything one `forgebench run` measured; one JSON file. */
export type Run = DeepReadonly<z.infer<typeof runSchema>>
export type ScenarioRun = Run['scenarios'][number]
export type VariantRun = ScenarioRun['variants'][number]
export type OperationRun = ScenarioRun['operations'][number]
export type ScenarioCost = NonNullable<ScenarioRun['cost']>
export type Evidence = ScenarioRun['evidence'][number]
export type Timing = ScenarioRun['timings'][number]
export type ClaimRun = ScenarioRun['claims'][number]
export type BudgetRun = Budget
export type ClaimPartRun = ClaimRun['parts'][number]
export type Environment = Run['environment']
