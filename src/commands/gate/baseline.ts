import { UsageError } from '../../core/errors.ts'
import { defaultSampling } from '../../engine/experiment/sampling.ts'
import type { CostOrder } from '../../engine/experiment/measurement.ts'
import { measureCounters } from '../../engine/gate/measure-counters.ts'
import { measureRun, type RunOutcome } from '../../engine/run/measure-run.ts'
import { defaultBaselinePath } from '../../run/gate/baseline-file.ts'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import { readScenarioRun } from '../../run/read.ts'
import type { Run } from '../../run/run.ts'
import { defaultScenarios } from '../../reference/defaults.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { interruptSignal } from '../interruption.ts'
import { loadScenario, loadScenarios } from '../project.ts'
import { runProgress } from '../run-progress.ts'

/**
 * The stored Run to compare with.
 * @throws UsageError BASELINE_MISSING, and as `readScenarioRun`
 */
export async function readBaseline(path: string): Promise<Run> {
  return readScenarioRun(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error
    throw new UsageError(
      'BASELINE_MISSING',
      `${path}: there is no baseline; make one with forgebench gate save${path === defaultBaselinePath ? '' : ` --baseline ${path}`}`,
      { cause: error },
    )
  })
}

/**
 * The stored Run that a new one would replace; undefined where there is no file.
 * @throws UsageError BASELINE_NOT_OURS for a file that holds something else
 */
export async function readBaselineIfThere(path: string): Promise<Run | undefined> {
  return readScenarioRun(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(
      'BASELINE_NOT_OURS',
      `${path}: holds something else than a Run of scenarios (${error.code}); remove it, or name another file with --baseline`,
      { cause: error },
    )
  })
}

const isMissing = (error: unknown): boolean =>
  error instanceof UsageError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'

/** The scenarios named, else those of a baseline, else ours. */
export async function scenariosOf(
  ids: readonly string[],
  baseline: Run | undefined,
  path: string,
): Promise<readonly LoadedScenario[]> {
  if (ids.length > 0) return loadScenarios(ids)
  const scenarios: LoadedScenario[] = []
  for (const id of baseline?.scenarios.map((scenario) => scenario.id) ?? defaultScenarios) {
    scenarios.push(
      await loadScenario(id).catch((error: unknown) => {
        if (!(error instanceof UsageError) || error.code !== 'SCENARIO_UNKNOWN') throw error
        throw new UsageError(
          'BASELINE_SCENARIO',
          `${path} has the scenario ${id}, which is none of ours: name its file, such as ./${id}.ts, or the scenarios that are left`,
          { cause: error },
        )
      }),
    )
  }
  return scenarios
}

interface CountSettings {
  readonly passes: 1 | 2
  readonly scale: number
  readonly seed: number
  readonly cost?: CostOrder | undefined
}

/** Measures the counters of scenarios, one after another; in two passes, so that what does not repeat is found. */
export async function countScenarios(
  scenarios: readonly LoadedScenario[],
  { passes, scale, seed, cost }: CountSettings,
): Promise<RunOutcome> {
  const progress = runProgress(process.stderr, () => performance.now())
  try {
    return await measureRun(
      scenarios,
      () => [],
      forgebenchVersion(),
      {
        scale,
        seed,
        sampling: { ...defaultSampling, analyses: [] },
        ...(cost === undefined ? {} : { cost }),
        emit: progress.listen,
        signal: interruptSignal(),
      },
      measureCounters(passes),
    )
  } finally {
    progress.end()
  }
}
