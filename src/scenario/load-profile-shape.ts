import { z } from 'zod'

/** Fields of a load profile, one by one; what two fields mean together is checked in load-profile-check.ts. */

const text = z.string().regex(/\S/, 'must not be empty')
const requestId = z
  .string()
  .regex(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/, 'must be letters and digits, joined by hyphens, such as list')
/** A table or column as SQLite has it: any text, without quotes around it. */
const sqlName = z.string().regex(/^[^\0]+$/, 'must be the name of a table or column')
const aFunction = z.custom((value) => typeof value === 'function', 'must be a function')
const list = z.array(z.unknown())
const record = z.record(z.string(), z.unknown())

export const profileShape = z.strictObject({
  title: text,
  why: text,
  data: z.strictObject({ file: text, tables: record }).optional(),
  requests: list.min(1, 'must hold at least one request'),
  mixes: record,
  thinkMs: z.strictObject({ from: z.number().min(0), to: z.number().min(0).max(3_600_000) }).optional(),
  stages: list.min(1, 'must hold at least one stage').optional(),
  thresholds: record,
})

export const tableShape = z.strictObject({
  table: sqlName,
  columns: z.array(sqlName).min(1, 'must name at least one column'),
  where: text.optional(),
  rows: z.number().int().min(1).max(100_000),
})

export const requestShape = z.strictObject({
  id: requestId,
  title: text,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: aFunction,
  body: aFunction.optional(),
  status: z.number().int().min(200).max(599),
  creates: sqlName.optional(),
})

export const weightShape = z.number().min(0)

export const stageShape = z.strictObject({
  seconds: z.number().gt(0, 'must be more than 0'),
  level: z.number().min(0).max(1, 'must be at most 1: it is a share of the rate or users asked for'),
})

/** The names that a misspelt field of a shape may have meant. */
export const fieldNamesOf = (shape: z.ZodType): readonly string[] =>
  shape instanceof z.ZodObject ? [...Object.keys(shape.shape), ...nestedNames] : nestedNames

const nestedNames = ['file', 'tables', 'from', 'to']
