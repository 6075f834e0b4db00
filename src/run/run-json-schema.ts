import { z } from 'zod'
import { gateRunSchema } from './gate/gate-run.ts'
import { loadComparisonSchema } from './load/load-comparison.ts'
import { loadRunSchema } from './load/load-run.ts'
import { runSchema } from './run.ts'
import { sweepRunSchema } from './sweep/sweep-run.ts'

/** JSON Schema (draft 2020-12) of a Run file, for readers in other languages; `reports/run.schema.json` holds it. */
export function runJsonSchema(): object {
  return {
    title: 'forgebench Run',
    description: 'Everything one `forgebench run` measured. Durations are nanoseconds, sizes are bytes.',
    ...z.toJSONSchema(runSchema, { target: 'draft-2020-12' }),
  }
}

/** As `runJsonSchema`, of the Run that a load writes; `reports/load-run.schema.json` holds it. */
export function loadRunJsonSchema(): object {
  return {
    title: 'forgebench Run of a load',
    description:
      'Everything one `forgebench load` measured. Durations are nanoseconds, sizes are bytes, histograms are HdrHistogram V2, compressed, base64.',
    ...z.toJSONSchema(loadRunSchema, { target: 'draft-2020-12' }),
  }
}

/** As `runJsonSchema`, of the Run that a comparison under load writes; `reports/load-comparison.schema.json` holds it. */
export function loadComparisonJsonSchema(): object {
  return {
    title: 'forgebench Run of a comparison under load',
    description:
      'Everything one `forgebench load compare` measured. Durations are nanoseconds; slices are columns.',
    ...z.toJSONSchema(loadComparisonSchema, { target: 'draft-2020-12' }),
  }
}

/** As `runJsonSchema`, of the Run that a relative gate writes; `reports/gate-run.schema.json` holds it. */
export function gateRunJsonSchema(): object {
  return {
    title: 'forgebench Run of a gate',
    description:
      'Everything one `forgebench gate compare` measured; its verdict follows from it. Durations are nanoseconds; slices are columns, a block is a pair.',
    ...z.toJSONSchema(gateRunSchema, { target: 'draft-2020-12' }),
  }
}

/** As `runJsonSchema`, of the Run of sweeps; `reports/sweep-run.schema.json` holds it. */
export function sweepRunJsonSchema(): object {
  return {
    title: 'forgebench Run of sweeps',
    description:
      'Everything one `forgebench run` of sweeps measured: one number a metric, point and round, in the unit of its metric.',
    ...z.toJSONSchema(sweepRunSchema, { target: 'draft-2020-12' }),
  }
}
