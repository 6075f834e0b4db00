import { z } from 'zod'
import { closedModel, openModel, peakModel } from '../../run/load/load-run.ts'

const count = z.number().int().nonnegative()
const milliseconds = z.number().nonnegative()

/** Durations of one kind in one phase: how many, and their values at the summary's percentiles. */
const grid = z.object({ count, ms: z.array(milliseconds) })

/**
 * The machine-readable summary of one process of k6, as `machineSummary` in k6/script/summary.ts makes it.
 * Numbers of the measured phase stand apart from those of the warm-up; counts without a phase are of both.
 */
export const podSummary = z.object({
  format: z.literal('forgebench-k6-summary'),
  version: z.literal(2),
  profile: z.object({ title: z.string(), why: z.string(), fileDigest: z.string(), dataDigest: z.string() }),
  load: z.object({
    mix: z.string(),
    seed: count,
    model: z.discriminatedUnion('kind', [openModel.omit({ spacing: true }), closedModel, peakModel]),
    stages: z.array(z.object({ seconds: z.number().positive(), fromLevel: z.number(), toLevel: z.number() })),
    warmUpSeconds: z.number().nonnegative(),
    connections: count,
    timeoutMs: count,
    maxRequests: count,
  }),
  thresholds: z.record(z.string(), z.array(z.string())),
  url: z.string(),
  segment: z.string().nullable(),
  finishedAtMs: z.number(),
  seconds: z.number().nonnegative(),
  dropped: count,
  connectionsOpened: count,
  percentiles: z.array(z.number()),
  requests: z.array(
    z.object({
      op: z.string(),
      title: z.string(),
      method: z.string(),
      status: count,
      creates: z.string().nullable(),
      weight: z.number(),
      begun: count,
      ended: count,
      failed: count,
      /** By status, or the way to be lost. */
      unexpected: z.record(z.string(), count),
      warmUp: z.object({ served: grid, unserved: grid }),
      measured: z.object({ served: grid, unserved: grid }),
      /** Requests that were not served, or took longer; `inclusive`: or took exactly as long. */
      slow: z.array(z.object({ overMs: milliseconds, inclusive: z.boolean(), requests: count })),
    }),
  ),
  failedThresholds: z.array(z.string()),
})

export type PodSummary = z.infer<typeof podSummary>
export type SummaryGrid = z.infer<typeof grid>
