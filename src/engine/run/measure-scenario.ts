import { InterruptedError } from '../../core/errors.ts'
import type { MeasureOptions, Measurement } from '../experiment/measurement.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { ScenarioRun } from '../../run/run.ts'
import { assembleScenarioRun } from '../experiment/assemble.ts'
import { ClaimRounds } from './claim-rounds.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import type { Findings } from '../experiment/findings.ts'
import { announce } from '../experiment/event.ts'
import { measureClientWork } from '../experiment/client-work.ts'
import { collectEvidence } from '../experiment/evidence/collect-evidence.ts'
import { withWriteClones } from '../experiment/database-copies.ts'
import type { RoundSpending } from '../experiment/plan-round.ts'
import { measureCacheMemory, timeIndexBuilds } from './side-measures.ts'
import { spendTime } from './spend-time.ts'
import { stageScenario } from '../experiment/stage-scenario.ts'
import { runRoundInChild, subjectsOf, timeRounds } from '../experiment/time-rounds.ts'
import { TimingCollector } from '../experiment/timings.ts'
import { verifyWrites } from '../experiment/verify-writes.ts'

const clientWorkMs = 300

/**
 * Measures one scenario from seeding to the last round. An interruption does not lose what was measured: the result
 * then says `complete: false`.
 * @throws InvalidMeasurementError when variants disagree on an answer, or acknowledged writes are missing
 * @throws InterruptedError when nothing was measured yet
 */
export async function measureScenario(
  loaded: LoadedScenario,
  claims: ScenarioRun['claims'],
  options: MeasureOptions,
): Promise<ScenarioRun> {
  const startMs = performance.now()
  const step = announce(loaded, options)
  step('staging databases')
  const measurement = await stageScenario(loaded, options)
  const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
  const measure = async (cloned: Measurement): Promise<void> => {
    const drawn = await collectEvidence(cloned, findings, step)
    step('building indexes')
    verifyWrites(cloned, findings)
    findings.builds = await timeIndexBuilds(cloned)
    step('measuring cache memory')
    findings.caches = await measureCacheMemory(cloned, drawn)
    step('timing client work')
    findings.clientWork = await measureClientWork(loaded.scenario.clientWork ?? [], {
      timeMs: clientWorkMs,
      seed: options.seed,
    })
    step('timing')
    const secondsLeft = options.sampling.maxSeconds - (performance.now() - startMs) / 1000
    await timeScenario(cloned, drawn, claims, findings, secondsLeft)
    findings.complete = true
  }
  try {
    await withWriteClones(measurement, () => step('cloning for writes'), measure)
  } catch (error) {
    if (!(error instanceof InterruptedError) || findings.evidence === undefined) throw error
  }
  return assembleScenarioRun(measurement, claims, findings)
}

/** Share of the time left that the rounds before the first analysis may take; the others need the rest. */
const firstShare = 0.6
const roundLimitsMs = { least: 300, most: 8000 }
/** Warming up costs every operation on every variant this much in every round. */
const warmupMs = 4

/**
 * Rounds until every claim is decided or the time is up. Before the first analysis all operations are measured, and
 * afterwards those of claims that are not decided.
 */
async function timeScenario(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  claims: ScenarioRun['claims'],
  { timings }: Findings,
  secondsLeft: number,
): Promise<void> {
  const { loaded, options } = measurement
  const { analyses, sliceMs } = options.sampling
  const first = analyses[0]?.rounds ?? 0
  const byClaim = new ClaimRounds(claims, analyses)
  const share = (secondsLeft * 1000 * firstShare) / Math.max(first, 1)
  const roundMs = Math.min(Math.max(share, roundLimitsMs.least), roundLimitsMs.most)
  const cut = { sliceMs, warmupMs }
  const spend = (times: RoundSpending['times']): RoundSpending => ({ times, ...cut, longestRound: 1.7 })
  await timeRounds(
    {
      scenario: loaded.id,
      subjects: subjectsOf(measurement),
      seed: options.seed,
      mostRounds: analyses.at(-1)?.rounds ?? 0,
      fewestRounds: first,
      maxSeconds: secondsLeft,
      pilots: [
        () => ({ ...spend(new Map()), warmupMs: 0 }),
        (open, medians) => spend(spendTime(open, medians, { ...cut, roundMs: 300, claimed: new Set() })),
      ],
      spend: (open, medians) => spend(spendTime(open, medians, { ...cut, roundMs, claimed: byClaim.sides })),
      take: ({ result }) => {
        timings.add(result)
        byClaim.add(result)
        return byClaim.open(result.round, drawn)
      },
      emit: options.emit,
      signal: options.signal,
      runRound: runRoundInChild,
    },
    drawn,
  )
}
