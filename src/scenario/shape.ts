import { z } from 'zod'

/** Fields of a scenario file, one by one; what two fields mean together is checked in the rules beside this file. */

const text = z.string().regex(/\S/, 'must not be empty')
const kebabCase = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens, such as covering-index')
const operationId = z
  .string()
  .regex(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/, 'must be letters and digits, joined by hyphens, such as Q1')
/** A table or column as SQLite has it: any text, without quotes around it. */
const sqlName = z.string().regex(/^[^\0]+$/, 'must be the name of a table or column')
const statistics = z
  .array(z.enum(['none', 'analyzed']))
  .min(1, 'must not be empty; leave it out for the default')
  .refine((states) => new Set(states).size === states.length, 'must not name a state twice')
const aFunction = z.custom((value) => typeof value === 'function', 'must be a function')

export const scenarioShape = z.strictObject({
  title: text,
  why: text,
  dataset: z.unknown().optional(),
  database: z
    .string()
    .regex(/^file:./, 'must be a database file, such as file:app.db')
    .optional(),
  claims: z.array(z.unknown()),
  variants: z.array(z.unknown()).min(1, 'must hold at least the baseline'),
  statistics: statistics.optional(),
  operations: z.array(z.unknown()).min(1, 'must hold at least one operation'),
  cacheMemory: z.boolean().optional(),
  clientWork: z.array(z.strictObject({ id: kebabCase, title: text, run: aFunction })).optional(),
  budgets: z.unknown().optional(),
})

export const variantShape = z.strictObject({
  id: kebabCase,
  title: text,
  role: z.enum(['baseline', 'candidate', 'alternative', 'driver']),
  migrations: z.array(kebabCase),
  statistics: statistics.optional(),
  ids: z.enum(['v4', 'v7']).optional(),
  driver: z.enum(['libsql', '@libsql/client']).optional(),
  versus: z.string().optional(),
})

const operationFields = {
  kind: z.enum(['read', 'write']),
  id: operationId,
  title: text,
  sql: text,
  draw: z.strictObject({
    table: sqlName,
    columns: z.array(sqlName).min(1, 'must name at least one column; args may leave it unused'),
    where: text.optional(),
  }),
  args: aFunction.optional(),
}
const rowCount = z.number().int().min(0)
const readFields = {
  rows: z.strictObject({
    min: rowCount,
    max: rowCount.min(1, 'must be at least 1: a query without rows shows nothing'),
  }),
  orderedBy: z
    .array(sqlName)
    .min(1, 'must not be empty; leave it out when the order means nothing')
    .optional(),
}
const writeFields = { statementsPerTransaction: z.number().int().min(1) }
const anything = z.unknown().optional()

const queryDraw = z.strictObject({ sql: text })

/**
 * The shape of an operation of this kind; of an unknown kind, what both have in common.
 * @param drawsFromQuery whether its `draw` is `{ sql }`
 */
export function operationShape(kind: unknown, drawsFromQuery: boolean): z.ZodType {
  const fields = drawsFromQuery ? { ...operationFields, draw: queryDraw } : operationFields
  if (kind === 'read') return z.strictObject({ ...fields, ...readFields })
  if (kind === 'write') return z.strictObject({ ...fields, ...writeFields })
  return z.strictObject({
    ...fields,
    rows: anything,
    orderedBy: anything,
    statementsPerTransaction: anything,
  })
}

export const claimShape = z.strictObject({
  claim: text,
  parts: z.array(z.unknown()).min(1, 'must hold at least one part'),
  note: text.optional(),
})

const partFields = {
  measure: z.enum(['time', 'throughput', 'bytes', 'cache-memory', 'load-throughput']),
  variant: z.string(),
  versus: z.string(),
  claimed: z.strictObject({ from: z.number(), to: z.number() }),
}
const objectName = z.string().regex(/^[^\s]+$/, 'must be the name of a table or index')
const bytesOf = z.union(
  [z.enum(['file', 'tables', 'indexes']), z.array(objectName).min(1)],
  'must be file, tables, indexes or a list of names of tables and indexes',
)
const quantile = z.enum(['p50', 'p95'])

/** The shape of a claim's part with this measure; of an unknown measure, what all have in common. */
export function partShape(measure: unknown): z.ZodType {
  if (measure === 'time') return z.strictObject({ ...partFields, quantile, operation: z.string() })
  if (measure === 'throughput') return z.strictObject({ ...partFields, operation: z.string() })
  if (measure === 'bytes') return z.strictObject({ ...partFields, of: bytesOf, versusOf: bytesOf.optional() })
  if (measure === 'cache-memory' || measure === 'load-throughput') return z.strictObject(partFields)
  return z.strictObject({
    ...partFields,
    quantile: anything,
    operation: anything,
    of: anything,
    versusOf: anything,
  })
}

/** Every name of a field, to guess what a misspelt one means. */
export const fieldNames: readonly string[] = [
  ...Object.keys({ ...scenarioShape.shape, ...variantShape.shape, ...operationFields, ...readFields }),
  ...Object.keys({ ...writeFields, ...claimShape.shape, ...partFields }),
  ...'table columns where min max run from to quantile operation of versusOf'.split(' '),
]
