import { errorAt } from '../core/error-text.ts'
import { runInChild } from '../measure/child-process.ts'
import type { RoundPlan, RoundResult, RoundVariant } from '../measure/round-plan.ts'
import type { Measurement } from './measurement.ts'
import {
  comparisonGroups,
  pilotMedians,
  planRound,
  type DrawnOperation,
  type PilotMedians,
} from './round-work.ts'
import type { TimingCollector } from './timings.ts'
import type { WriteClones } from './write-clones.ts'

const entry = new URL(`../measure/round.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * The timed part: a pilot that sets the length of slices and is thrown away, then the rounds, each in a fresh
 * process. Every finished round is in `collector` at once, so that an interruption keeps it.
 */
export async function timeRounds(
  { variants, stages, loaded, options }: Measurement,
  drawn: readonly DrawnOperation[],
  clones: WriteClones,
  collector: TimingCollector,
): Promise<void> {
  const { sampling, seed, signal, emit } = options
  const measured = variants.map((variant, index): RoundVariant => ({
    id: variant.id,
    driver: variant.driver ?? 'libsql',
    readPath: stages[index]?.path ?? '',
    writePath: clones.pathOf(variant.id),
  }))
  const groups = comparisonGroups(variants)
  const run = (round: number, medians: PilotMedians): Promise<RoundResult> => {
    const plan = planRound(round, measured, groups, drawn, sampling, seed, medians)
    return runInChild<RoundPlan, RoundResult>(entry, plan, signal).catch((error: unknown) => {
      const paths = measured.flatMap(({ readPath, writePath }) => [readPath, writePath ?? ''])
      throw errorAt(`${loaded.id}, round ${round}`, error, paths)
    })
  }
  const progress = (done: number): void =>
    emit({ kind: 'progress', scenario: loaded.id, step: 'timing', done, total: sampling.rounds })
  const pilot = await run(0, new Map())
  collector.addUntimed(pilot)
  const medians = pilotMedians(pilot, sampling)
  for (let round = 1; round <= sampling.rounds; round++) {
    progress(round - 1)
    collector.add(await run(round, medians))
  }
  progress(sampling.rounds)
}
