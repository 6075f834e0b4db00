import { z } from 'zod'
import type { DeepReadonly } from '../../core/fields.ts'
import { openModel, peakModel } from './load-run.ts'
import { claim, count, environment, nanoseconds, runHeaderSchema } from '../run.ts'

const settings = z.object({
  engine: z.enum(['open', 'autocannon']),
  model: z.discriminatedUnion('kind', [openModel, peakModel]),
  scale: z.number().positive(),
  seed: count,
  rounds: count,
  /** At most; a load whose fewest requests take longer than a slice has fewer. */
  blocksPerRound: count,
  /** Aim for the time that the slowest variant spends in one slice. */
  sliceSeconds: z.number().positive(),
  connections: count,
  timeoutMs: count,
  /** Two-sided coverage asked of every interval; the exact coverage stands beside each. */
  confidence: z.number().gt(0).lt(1),
})

const variant = z.object({
  id: z.string(),
  title: z.string(),
  migrations: z.array(z.string()),
  statistics: z.enum(['none', 'analyzed']),
  /** Id of the variant it is compared with; null for the first one. */
  versus: z.string().nullable(),
  /** What its server says of itself. */
  server: z.record(z.string(), z.string()),
})

const load = z.object({
  id: z.string(),
  title: z.string(),
  /** By kind of request. */
  weights: z.record(z.string(), z.number()),
  /** The same for every variant, and the same requests. */
  requestsPerSlice: count,
})

/**
 * A block is one slice of every variant under the same load, back to back in random order, with the same requests; a
 * round is fresh server processes and a fresh sender.
 */
const slice = z.object({
  round: count,
  block: count,
  /** Place of the slice within its block. */
  order: count,
  /** Place in `loads`. */
  load: count,
  /** Place in `variants`. */
  variant: count,
  /** Kind of request; null where it is about all of them. */
  op: z.string().nullable(),
  requests: count,
  /** Not answered with the expected status. */
  failed: count,
  /** From the first request sent (or due) to the last answer. */
  durationNs: nanoseconds,
  /** CPU seconds of the sender per second; 1 is one core. */
  senderCpuShare: z.number().nonnegative(),
  /**
   * Of service time at peak, of response time (from the intended start) in an open model, as `encodeSamples` writes them;
   * requests that were never sent have none.
   */
  samplesNs: z.string(),
})

export const loadComparisonSchema = z.object({
  ...runHeaderSchema,
  kind: z.literal('load-comparison'),
  environment,
  scenario: z.object({
    id: z.string(),
    title: z.string(),
    /** SHA-256 of the scenario file. */
    fileDigest: z.string(),
    /** Digest of the seeded rows. */
    dataDigest: z.string(),
  }),
  profile: z.object({
    id: z.string(),
    title: z.string(),
    why: z.string(),
    /** SHA-256 of the profile, and of the rows that were drawn for it. */
    fileDigest: z.string(),
    dataDigest: z.string(),
  }),
  settings,
  variants: z.array(variant),
  loads: z.array(load),
  /** Requests that every variant answered alike before anything was timed. */
  answersCompared: count,
  slices: z.array(slice),
  /** Rows that acknowledged creations must have added, and rows found afterwards. */
  rows: z.array(z.object({ variant: z.string(), table: z.string(), acknowledged: count, found: count })),
  /** `operation` of a part is the id of a load. */
  claims: z.array(claim),
})

/** Everything one `forgebench load compare` measured; one JSON file. */
export type LoadComparison = DeepReadonly<z.infer<typeof loadComparisonSchema>>
export type ComparisonSlice = LoadComparison['slices'][number]
