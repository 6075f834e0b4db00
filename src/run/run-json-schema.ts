import { z } from 'zod'
import { runSchema } from './run.ts'

/** JSON Schema (draft 2020-12) of a Run file, for readers in other languages; `reports/run.schema.json` holds it. */
export function runJsonSchema(): object {
  return {
    title: 'forgebench Run',
    description: 'Everything one `forgebench run` measured. Durations are nanoseconds, sizes are bytes.',
    ...z.toJSONSchema(runSchema, { target: 'draft-2020-12' }),
  }
}
