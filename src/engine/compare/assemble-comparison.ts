import type { LoadComparison } from '../../run/load/load-comparison.ts'
import { runHeader } from '../../run/run-header.ts'
import type { PreparedComparison } from './prepared-comparison.ts'

/** Two-sided coverage asked of every interval. */
const confidence = 0.95

/** What is known of a comparison when it is over. */
export interface ComparisonEnding extends Pick<LoadComparison, 'environment' | 'claims'> {
  readonly startedAt: Date
  readonly failure: unknown
}

/** The Run of a comparison that is over. */
export function assembleComparison(
  comparison: PreparedComparison,
  { startedAt, environment, claims, failure }: ComparisonEnding,
): LoadComparison {
  const { options, scenario, profile, variants, blocksPerRound, sliceSeconds, seedDigest, collector } =
    comparison
  const { engine, model, scale, seed, rounds, connections, timeoutMs } = options
  return {
    ...runHeader({
      startedAt,
      finishedAt: new Date(),
      status: failure === undefined ? 'complete' : 'partial',
      version: options.version,
    }),
    kind: 'load-comparison',
    environment,
    scenario: {
      id: scenario.id,
      title: scenario.scenario.title,
      fileDigest: scenario.fileDigest,
      dataDigest: seedDigest,
    },
    profile: {
      id: profile.id,
      title: profile.profile.title,
      why: profile.profile.why,
      fileDigest: profile.fileDigest,
      dataDigest: comparison.dataDigest,
    },
    settings: {
      engine,
      model,
      scale,
      seed,
      rounds,
      blocksPerRound,
      sliceSeconds,
      connections,
      timeoutMs,
      confidence,
    },
    variants: variants.map(({ id, title, migrations, statistics, versus }) => {
      return { id, title, migrations, statistics, versus, server: collector.servers[id] ?? {} }
    }),
    loads: collector.loads.map(({ pace, ...load }) => ({ ...load, requestsPerSlice: pace.requestsPerSlice })),
    answersCompared: collector.answersCompared,
    slices: collector.slices,
    rows: collector.rows,
    claims,
  }
}
