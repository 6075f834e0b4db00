import { z } from 'zod'
import { objectOf, type FieldsOf } from '../core/fields.ts'
import { budgetSchema } from '../scenario/budget.ts'
import type { Dataset } from '../scenario/dataset.ts'

const host = z
  .string()
  .regex(/^[^\s/:@]+$|^\[?[\da-fA-F:]+\]?$/, 'must be a host alone, such as staging.example.org')

// What datasets are is checked where the place of a mistake can be named: in dataset-shape.ts.
const dataset = z.unknown() as unknown as z.ZodType<Dataset>

const configFields = {
  /** Datasets that scenarios of this project may name. */
  datasets: z.array(dataset).optional(),
  /**
   * What scenarios that name none stand on, or its name; the reference unless given. `forgebench migrate` takes its migrations.
   */
  dataset: (z.unknown() as unknown as z.ZodType<Dataset | string>).optional(),
  load: objectOf({
    /** Hosts besides this machine that may be put under load. */
    allowHosts: z.array(host).optional(),
  }).optional(),
  gate: objectOf({
    /** By the scenario's id, besides its own; where both limit the same, these count: they know the machine. */
    budgets: z.record(z.string(), z.array(budgetSchema)).optional(),
    /** Of every load that `gate judge` judges, besides its profile's: by metric, in k6's syntax. */
    thresholds: (
      z.record(z.string(), z.unknown()) as unknown as z.ZodType<Readonly<Record<string, readonly string[]>>>
    ).optional(),
  }).optional(),
}
/** What `forgebench.config.ts` in the current folder may say. */
export interface Config extends FieldsOf<typeof configFields> {}
export const configSchema: z.ZodType<Config> = objectOf(configFields)
