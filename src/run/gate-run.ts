import { z } from 'zod'
import { environment, runFormatVersion, scenarioRunSchema, type DeepReadonly } from './run.ts'

const count = z.number().int().nonnegative()
const share = z.number().nullable()

/** The two sides, as their ids in the scenario of a gate's Run. */
export const gateSides = { baseline: 'baseline', candidate: 'candidate' } as const

const side = z.object({
  /** As it was asked for, such as `variant:composite`. */
  spec: z.string(),
  /** Id of the measured variant in its own scenario. */
  variant: z.string(),
})

const gateSettings = z.object({
  /** Of the data and the arguments. */
  seed: count,
  /** Of the roles and the order of the pairs: another for every gate, so that gates are independent. */
  orderSeed: count,
  scale: z.number().positive(),
  /** The quantile that is compared, pair by pair. */
  quantile: z.literal('p95'),
  rule: z.object({
    toleranceRatio: z.number().min(1),
    smallestEffectRatio: z.number().gt(1),
    budget: z.array(z.object({ rounds: count.positive(), alpha: z.number().gt(0).lt(1) })).min(1),
    fewestSamples: count.positive(),
  }),
  sampling: z.object({
    sliceMs: z.number(),
    samplesPerPair: count,
    operationMs: z.number(),
    longestRound: z.number(),
    warmupMs: z.number(),
    longestSliceMs: z.number(),
    fewestSamples: count,
  }),
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
