import { z } from 'zod'
import { functionOf, objectOf, text, type FieldsOf } from '../../core/fields.ts'
import type { Dataset } from '../dataset.ts'
import { claimedRange, kebabCase, operationId, statisticsState } from '../scenario.ts'
import type { SweepContext } from './sweep-context.ts'

/** The form of a sweep file; what two fields mean together is checked in `check-sweep.ts`. */

export const metricFields = {
  /** Letters and digits, unique in the sweep; `measure` gives the metric under this name. */
  id: operationId,
  /** A few words for the head of a column. */
  title: text,
  /** As it stands behind a number: `ms`, `calls/s`, `%`, `rows`. */
  unit: text,
  /** Which direction is an improvement; `neither` for what is only reported. */
  better: z.enum(['lower', 'higher', 'neither']),
}
/** A quantity that every point is measured by, one number a round. */
export interface SweepMetric extends FieldsOf<typeof metricFields> {}
const metricSchema: z.ZodType<SweepMetric> = objectOf(metricFields)

const pointFields = {
  /** Kebab-case, unique in the sweep. */
  id: kebabCase,
  /** A few words for a table cell. */
  title: text,
  /** Points of one series stand in one table and make one curve, in their order; one series by default. */
  series: text.optional(),
  /** The point that it is compared with; the first one of its series by default. */
  versus: z.string().optional(),
  /** What `measure` sets up, such as `{ workers: 8 }`. */
  setting: z.unknown(),
}
/** A setting that is measured. */
export interface SweepPoint<Setting = unknown> extends Omit<FieldsOf<typeof pointFields>, 'setting'> {
  /** What `measure` sets up, such as `{ workers: 8 }`. */
  readonly setting: Setting
}

const changeFields = {
  measure: z.literal('sweep'),
  /** A metric of the sweep. */
  metric: z.string(),
  /** The point that the claim is about. */
  variant: z.string(),
  /** The point that it is compared with. */
  versus: z.string(),
  /** Claimed change: from the weaker to the stronger end; equal ends for a single number. −0.5 is −50 %. */
  claimed: claimedRange,
}
const limitFields = {
  measure: z.literal('sweep-limit'),
  /** A metric of the sweep. */
  metric: z.string(),
  /** The point that the claim is about. */
  variant: z.string(),
  /** Claimed level, in the unit of the metric. */
  claimed: z.union([objectOf({ atLeast: z.number() }), objectOf({ atMost: z.number() })]),
}
export const sweepPartFields = { change: changeFields, limit: limitFields }

/** A metric at a point, compared with the same metric at another in every round. */
export interface SweepChangePart extends FieldsOf<typeof changeFields> {}
/** A metric at a point, held against a limit. */
export interface SweepLimitPart extends FieldsOf<typeof limitFields> {}
export type SweepClaimPart = SweepChangePart | SweepLimitPart
const partSchema: z.ZodType<SweepClaimPart> = z.union([objectOf(changeFields), objectOf(limitFields)])

const claimFields = {
  /** Id in the `claims.json` beside the sweep or in the nearest folder above it. */
  claim: text,
  /** What puts the claim to the test. */
  parts: z.array(partSchema).min(1, 'must hold at least one part'),
  /** What a reader must know beside the numbers. */
  note: text.optional(),
}
export interface SweepClaimCheck extends FieldsOf<typeof claimFields> {}
const claimSchema: z.ZodType<SweepClaimCheck> = objectOf(claimFields)

export const kneeFields = {
  /** Metric of what is done in a second. */
  throughput: z.string(),
  /** Metric of how long one takes. */
  latency: z.string(),
}

/** What `measure` found: a number for every metric, or null for one that could not be measured. */
export type SweepValues = Readonly<Record<string, number | null>>

const sweepFields = {
  /** The question. */
  title: text,
  /** Why the question matters: one paragraph. */
  why: text,
  /** What it stands on: a dataset, or the name of one in forgebench.config.ts; that of the project by default. */
  dataset: (z.unknown() as unknown as z.ZodType<Dataset | string>).optional(),
  /** In place of a dataset: a database file, relative to the sweep's, such as `file:app.db`. It is copied. */
  database: z
    .string()
    .regex(/^file:./, 'must be a database file, such as file:app.db')
    .optional(),
  /** Names of migrations applied in this order after `initial`; none by default. */
  migrations: z.array(kebabCase).optional(),
  /** `analyzed` by default. */
  statistics: statisticsState.optional(),
  /** Size of the data where `--scale` does not say; 0.05 by default. */
  scale: z.number().min(0.01).max(100).optional(),
  /** Seconds that `context.seconds` gives, where `--slice-ms` does not say; 1 by default. */
  seconds: z.number().positive().max(600).optional(),
  /** Servers and copies of the database are made anew for every point of a round, or once a round. */
  fresh: z.enum(['point', 'round']),
  /** The claims that it puts to the test; empty when nothing is claimed. */
  claims: z.array(claimSchema),
  metrics: z.array(metricSchema).min(1, 'must hold at least one metric'),
  /** The settings that are measured, in every round in another order. */
  points: z.array(objectOf(pointFields)).min(1, 'must hold at least one point'),
  /** Where throughput stops being worth its latency: reported for every series. */
  knee: objectOf(kneeFields).optional(),
  /** Measures one point in one round, in a fresh process a round. */
  measure: functionOf<(point: SweepPoint, context: SweepContext) => Promise<SweepValues>>(),
}
type SweepFields = FieldsOf<typeof sweepFields>

/** Settings that are measured side by side, each over rounds: how a quantity goes with them. */
export interface Sweep<Setting = unknown> extends Omit<SweepFields, 'points' | 'measure'> {
  /** The settings that are measured, in every round in another order. */
  readonly points: readonly SweepPoint<Setting>[]
  /** Measures one point in one round, in a fresh process a round. */
  readonly measure: (point: SweepPoint<Setting>, context: SweepContext) => Promise<SweepValues>
}
export const sweepSchema: z.ZodType<Sweep> = objectOf(sweepFields) as unknown as z.ZodType<Sweep>

/** The point that each point is compared with, by its id; null for the first of a series. */
export function versusOf(points: readonly SweepPoint[]): ReadonlyMap<string, string | null> {
  return new Map(
    points.map(({ id, series, versus }) => {
      const first = points.find((each) => each.series === series)?.id
      const other = versus ?? first
      return [id, other === undefined || other === id ? null : other]
    }),
  )
}
