import { InterruptedError } from '../../core/errors.ts'
import { environmentStamp } from '../../run/environment.ts'
import { newRunId } from '../../run/run-header.ts'
import { runFormatVersion, type ClaimRun, type Run, type ScenarioRun } from '../../run/run.ts'
import { expandVariants } from '../../scenario/expand.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { describeDrivers, type DriverName } from '../../target/drivers.ts'
import { engineVersions } from '../../target/versions.ts'
import type { MeasureOptions } from '../experiment/measurement.ts'
import { measureScenario } from './measure-scenario.ts'
import { confidence } from '../experiment/sampling.ts'

/** What became of a run: everything measured, and the error that cut it short, if any. */
export interface RunOutcome {
  readonly run: Run
  /** Undefined for a complete run. */
  readonly failure: unknown
}

/** Measures one scenario: as a whole, or what needs no clock (`measureCounters`). */
type MeasureOne = typeof measureScenario

/**
 * Measures scenarios one after another. It does not throw for a failure in the middle: what was measured before it is
 * in the run, marked partial, and the failure stands beside it.
 * @throws UsageError DRIVER_MISSING, before anything is measured
 */
export async function measureRun(
  scenarios: readonly LoadedScenario[],
  claimsOf: (scenario: LoadedScenario) => readonly ClaimRun[],
  version: string,
  options: MeasureOptions,
  measureOne: MeasureOne = measureScenario,
): Promise<RunOutcome> {
  const startedAt = new Date()
  const startMs = performance.now()
  const environment = environmentStamp(engineVersions(), await describeDrivers(driversOf(scenarios)))
  const measured: ScenarioRun[] = []
  let failure: unknown
  try {
    for (const [index, scenario] of scenarios.entries()) {
      const secondsLeft = options.sampling.maxSeconds - (performance.now() - startMs) / 1000
      // What one scenario leaves of its share is the others'.
      const maxSeconds = secondsLeft / (scenarios.length - index)
      const sampling = { ...options.sampling, maxSeconds }
      measured.push(await measureOne(scenario, claimsOf(scenario), { ...options, sampling }))
      if (options.signal.aborted) throw new InterruptedError()
    }
  } catch (error) {
    failure = error
  }
  const { seed, scale, sampling } = options
  const run: Run = {
    format: 'forgebench-run',
    version: runFormatVersion,
    id: newRunId(startedAt),
    status: failure === undefined ? 'complete' : 'partial',
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    forgebench: version,
    environment,
    settings: { seed, scale, ...sampling, confidence },
    scenarios: measured,
  }
  return { run, failure }
}

const driversOf = (scenarios: readonly LoadedScenario[]): readonly DriverName[] =>
  scenarios.flatMap(({ scenario }) => expandVariants(scenario).map(({ driver }) => driver))
