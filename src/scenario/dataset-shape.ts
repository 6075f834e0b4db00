import { z } from 'zod'
import { fieldsOf, shapeMistakes, type Mistake } from './mistake.ts'

const text = z.string().regex(/\S/, 'must not be empty')
const name = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens, such as shop')
  // It becomes part of the name of a folder.
  .max(100, 'must have at most 100 characters')
const files = z.array(text).min(1, 'must name at least one file')
const aFunction = z.custom((value) => typeof value === 'function', 'must be a function')
const version = z.union([z.number(), text], 'must be a number or a text')

const datasetFields = z.strictObject({
  name,
  description: text.optional(),
  schema: z.unknown().optional(),
  fill: z.unknown(),
  ids: z.unknown().optional(),
  api: z.strictObject({ needs: text, check: aFunction, serve: aFunction }).optional(),
})

const schemas = {
  migrations: z.strictObject({ kind: text, folder: text }),
  sql: z.strictObject({ kind: text, files }),
}
const fills = {
  generator: z.strictObject({ kind: text, version, rows: aFunction }),
  builder: z.strictObject({
    kind: text,
    version,
    ids: z.array(z.enum(['v4', 'v7'])).optional(),
    build: aFunction,
  }),
  file: z.strictObject({ kind: text, path: text }),
  sql: schemas.sql,
  command: z.strictObject({ kind: text, command: text, args: z.array(z.string()), version }),
}
const ids = {
  uuid: z.strictObject({ kind: text, afterMs: z.number().optional() }),
  made: z.strictObject({ kind: text, newId: aFunction }),
}

/** What is wrong with a dataset at a place of a scenario or a configuration. */
export function datasetMistakes(value: unknown, place: string): readonly Mistake[] {
  const dataset = fieldsOf(value)
  const { schema, fill } = dataset
  const { kind } = fieldsOf(fill)
  return [
    ...shapeMistakes(datasetFields, value, place),
    ...(schema === undefined ? [] : kindMistakes(schemas, schema, `${place}.schema`)),
    ...(fill === undefined ? [] : kindMistakes(fills, fill, `${place}.fill`)),
    ...(dataset['ids'] === undefined ? [] : kindMistakes(ids, dataset['ids'], `${place}.ids`)),
    ...((kind === 'generator' || kind === 'builder') && schema === undefined
      ? [{ place: `${place}.schema`, what: 'is missing: say how the tables are made' }]
      : []),
    ...(kind === 'file' && schema !== undefined
      ? [{ place: `${place}.schema`, what: 'a database file has its tables; leave it out' }]
      : []),
  ]
}

/** The mistakes of a value whose `kind` says which shape it has. */
function kindMistakes(
  shapes: Readonly<Record<string, z.ZodType>>,
  value: unknown,
  place: string,
): readonly Mistake[] {
  const { kind } = fieldsOf(value)
  const shape = Object.entries(shapes).find(([name]) => name === kind)?.[1]
  if (shape !== undefined) return shapeMistakes(shape, value, place)
  return [{ place: `${place}.kind`, what: `must be one of ${Object.keys(shapes).join(', ')}` }]
}
