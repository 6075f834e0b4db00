import { z } from 'zod'
import { knownFieldsOf, type DeepReadonly } from '../../core/fields.ts'
import { claimFields } from '../../scenario/claims-file.ts'
import { statisticsState } from '../../scenario/scenario.ts'
import { kneeFields, metricFields, sweepPartFields } from '../../scenario/sweep/sweep.ts'
import { count, environment, runHeaderSchema } from '../run.ts'

const settings = z.object({
  seed: count,
  /** Rounds after which claims are judged, and the one-sided error that this may make. */
  analyses: z.array(z.object({ rounds: count.positive(), alpha: z.number().gt(0).lt(1) })),
  /** Seconds after which no further round began. */
  maxSeconds: z.number().positive(),
  /** Two-sided coverage asked of every interval. */
  confidence: z.number().gt(0).lt(1),
})

const point = z.object({
  id: z.string(),
  title: z.string(),
  series: z.string().optional(),
  /** The point that it is compared with; null for the first of a series. */
  versus: z.string().nullable(),
})

const change = z.object(sweepPartFields.change)
const limit = z.object({
  ...sweepPartFields.limit,
  claimed: z.union([z.object({ atLeast: z.number() }), z.object({ atMost: z.number() })]),
})

const round = z.object({
  /** From 1; a fresh process each. */
  round: count,
  /** In the order in which the points were measured. */
  points: z.array(z.object({ point: z.string(), values: z.record(z.string(), z.number().nullable()) })),
  seconds: z.number().nonnegative(),
  /** Shares of the time; null where the system does not say. */
  contention: z.object({
    loadAverage: z.number(),
    busyShare: z.number().nullable(),
    stolenShare: z.number().nullable(),
    cpuPressureShare: z.number().nullable(),
  }),
})

const delay = z.object({
  /** What was asked for, on one way. */
  delayMs: z.number(),
  /** Pieces that were held back. */
  samples: count,
  p50Ms: z.number(),
  p99Ms: z.number(),
})

const sweep = z.object({
  id: z.string(),
  title: z.string(),
  why: z.string(),
  /** SHA-256 of the sweep file. */
  fileDigest: z.string(),
  /** Digest of the seeded rows. */
  dataDigest: z.string(),
  scale: z.number().positive(),
  migrations: z.array(z.string()),
  statistics: statisticsState,
  /** What `context.seconds` gave. */
  seconds: z.number().positive(),
  fresh: z.enum(['point', 'round']),
  metrics: z.array(knownFieldsOf(metricFields)),
  points: z.array(point),
  knee: knownFieldsOf(kneeFields).optional(),
  claims: z.array(
    z.object({
      ...claimFields,
      note: z.string().optional(),
      parts: z.array(z.discriminatedUnion('measure', [change, limit])),
    }),
  ),
  rounds: z.array(round),
  /** What the delaying proxies really added, by what was asked. */
  delays: z.array(delay),
  /** Servers that took part, in their own words. */
  servers: z.array(z.string()),
  /** False when it was cut short. */
  complete: z.boolean(),
})

export const sweepRunSchema = z.object({
  ...runHeaderSchema,
  kind: z.literal('sweep'),
  environment,
  settings,
  sweeps: z.array(sweep),
})

/** Everything that one `forgebench run` of sweeps measured. */
export type SweepRun = DeepReadonly<z.infer<typeof sweepRunSchema>>
export type MeasuredSweep = SweepRun['sweeps'][number]
export type SweepClaimRun = MeasuredSweep['claims'][number]
export type SweepPartRun = SweepClaimRun['parts'][number]
