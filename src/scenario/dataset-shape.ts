import { z } from 'zod'
import { objectOf, text } from '../core/fields.ts'
import { datasetSchema, fillSchemas, idsSchemas, sqlFilesFields } from './dataset.ts'
import { fieldsOf, shapeMistakes, type Mistake } from './mistake.ts'

const schemas = {
  migrations: z.strictObject({ kind: text, folder: text }),
  sql: objectOf(sqlFilesFields),
}

/** What is wrong with a dataset at a place of a scenario or a configuration. */
export function datasetMistakes(value: unknown, place: string): readonly Mistake[] {
  const dataset = fieldsOf(value)
  const { schema, fill } = dataset
  const { kind } = fieldsOf(fill)
  return [
    ...shapeMistakes(datasetSchema, value, place),
    ...(schema === undefined ? [] : kindMistakes(schemas, schema, `${place}.schema`)),
    ...(fill === undefined ? [] : kindMistakes(fillSchemas, fill, `${place}.fill`)),
    ...(dataset['ids'] === undefined ? [] : kindMistakes(idsSchemas, dataset['ids'], `${place}.ids`)),
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
