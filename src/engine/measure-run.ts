import { InterruptedError } from '../core/errors.ts'
import { environmentStamp } from '../run/environment.ts'
import { newRunId } from '../run/run-id.ts'
import { runFormatVersion, type ClaimRun, type Run, type ScenarioRun } from '../run/run.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { engineVersions } from '../target/versions.ts'
import type { MeasureOptions } from './measurement.ts'
import { measureScenario } from './measure-scenario.ts'

/** What became of a run: everything measured, and the error that cut it short, if any. */
export interface RunOutcome {
  readonly run: Run
  /** Undefined for a complete run. */
  readonly failure: unknown
}

/** Confidence of every interval that is reported. */
const confidence = 0.95

/** Measures one scenario: as a whole, or what needs no clock (`measureCounters`). */
type MeasureOne = typeof measureScenario

/**
 * Measures scenarios one after another. It does not throw for a failure in the middle: what was measured before it is
 * in the run, marked partial, and the failure stands beside it.
 */
export async function measureRun(
  scenarios: readonly LoadedScenario[],
  claimsOf: (scenario: LoadedScenario) => readonly ClaimRun[],
  version: string,
  options: MeasureOptions,
  measureOne: MeasureOne = measureScenario,
): Promise<RunOutcome> {
  const startedAt = new Date()
  const environment = environmentStamp(engineVersions())
  const measured: ScenarioRun[] = []
  let failure: unknown
  try {
    for (const scenario of scenarios) {
      measured.push(await measureOne(scenario, claimsOf(scenario), options))
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
