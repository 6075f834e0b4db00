import { z } from 'zod'
import type { DeepReadonly } from '../../core/fields.ts'
import { environment, runFormatVersion, scenarioRunSchema } from '../run.ts'

const count = z.number().int().nonnegative()
const share = z.number().nullable()

/** The two sides, as their ids in the scenario of a gate's Run. */
export const gateSides = { baseline: 'baseline', candidate: 'candidate' } as const

/** What a side was, so that another gate can be compared with this one and the side can be made again. */
const side = z.object({
  /** As it was asked for, such as `variant:composite`; never with credentials. */
  spec: z.string(),
  /** Id of the measured variant in its own scenario; null for a database file and a server. */
  variant: z.string().nullable(),
  /** Where its rows come from: seeded and migrated here, a file that was there, or a server. */
  source: z.enum(['seeded', 'file', 'server']),
  /** SHA-256 of the scenario file that its statements come from. */
  scenarioDigest: z.string(),
  /** Full id of the git commit that scenario and migrations come from; null for those of the working tree. */
  commit: z.string().nullable(),
  /** Migrations after `initial`, with their checksums; of a file, those that it records. */
  migrations: z.array(z.object({ id: z.string(), checksum: z.string() })),
  /** Digest of the seeded rows, or SHA-256 of the file; null for a server, whose data may change. */
  dataDigest: z.string().nullable(),
  /** SHA-256 over the tables, indexes, views and triggers that were measured. */
  schemaDigest: z.string(),
  /** Whether its planner has statistics; absent in Runs of before they were looked up. */
  statistics: z.enum(['none', 'analyzed']).optional(),
  /** The server's URL without credentials; null for a file. */
  url: z.string().nullable(),
  /** Engine that answered, with its version. */
  engine: z.string(),
  /** Its own statement of each operation. */
  statements: z.record(z.string(), z.string()),
  /** Digest of its answers to each operation that was compared; null for a write. */
  answers: z.record(z.string(), z.string().nullable()),
})

const gateSettings = z.object({
  /** Of the data and the arguments. */
  seed: count,
  /** Of the roles and the order of the pairs: another for every gate, so that gates are independent. */
  orderSeed: count,
  scale: z.number().positive(),
  rule: z.object({
    /** The quantile that is compared, round by round. */
    quantile: z.enum(['p50', 'p95']),
    toleranceRatio: z.number().min(1),
    smallestEffectRatio: z.number().gt(1),
    /** Interim analyses: errors of «slower» and of «stalls more often», all operations together. */
    budget: z
      .array(
        z.object({
          rounds: count.positive(),
          alpha: z.number().gt(0).lt(1),
          stallAlpha: z.number().gte(0).lt(1),
        }),
      )
      .min(1),
  }),
  /** Time of an operation on both sides in a round, at least. */
  operationMs: z.number().positive(),
  maxSeconds: z.number().positive(),
})

const gateRound = z.object({
  round: count.positive(),
  /** Which side was copied and opened first. */
  first: z.enum([gateSides.baseline, gateSides.candidate]),
  seconds: z.number().nonnegative(),
  loadAverage: z.number(),
  busyShare: share,
  stolenShare: share,
  cpuPressureShare: share,
})

export const gateRunSchema = z.object({
  format: z.literal('forgebench-run'),
  version: z.literal(runFormatVersion),
  kind: z.literal('gate'),
  id: z.string(),
  status: z.enum(['complete', 'partial']),
  /** Why it is partial; null for a complete one. */
  cutShort: z.string().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  forgebench: z.string(),
  environment,
  settings: gateSettings,
  baseline: side,
  candidate: side,
  /** Its variants are the two sides; a block of its timings is a pair. */
  scenario: scenarioRunSchema,
  rounds: z.array(gateRound),
})

/** Everything that one gate measured; one JSON file, from which its verdict follows. */
export type GateRun = DeepReadonly<z.infer<typeof gateRunSchema>>
export type GateRound = GateRun['rounds'][number]
export type GateSettings = GateRun['settings']
export type GateSideRun = GateRun['baseline']
