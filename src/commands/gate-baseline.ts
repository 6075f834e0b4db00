import { relative } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { measureCounters } from '../engine/gate/measure-counters.ts'
import { measureRun, type RunOutcome } from '../engine/run/measure-run.ts'
import { defaultSampling } from '../engine/experiment/sampling.ts'
import { asBaseline, defaultBaselinePath, saySame, serializeBaseline } from '../run/baseline-file.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import { readScenarioRun } from '../run/read.ts'
import type { Run } from '../run/run.ts'
import { serializeRun, writeRunFile } from '../run/write.ts'
import { defaultScenarios } from '../reference/defaults.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { print, writeJson } from './console.ts'
import { interruptSignal } from './interruption.ts'
import type { GateOptions } from './gate-options.ts'
import { loadScenario } from './project.ts'
import { runProgress } from './run-progress.ts'

/** Large enough that plans are those of real data, small enough that a pipeline without a cache waits for seconds. */
const baselineScale = 0.1

/**
 * Measures counters twice and writes them where `gate --counters-only` finds them. Scale, seed and scenarios are those
 * asked for, else those of the file that is there, else ours. A file that says the same already is left as it is.
 * @throws what cut the measurement short; nothing is written then
 */
export async function saveBaseline(ids: readonly string[], options: GateOptions): Promise<void> {
  const path = options.saveBaseline === true ? defaultBaselinePath : (options.saveBaseline ?? '')
  const before = await storedBefore(path)
  const scenarios = await scenariosOf(ids, before, path)
  const { run, failure } = await countScenarios(scenarios, {
    passes: 2,
    scale: options.chosen.has('scale') ? options.scale : (before?.settings.scale ?? baselineScale),
    seed: options.chosen.has('seed') ? options.seed : (before?.settings.seed ?? options.seed),
  })
  if (failure !== undefined) throw failure
  const baseline = asBaseline(run)
  const text = serializeBaseline(baseline)
  const upToDate = before !== undefined && saySame(before, baseline)
  if (!upToDate) await writeRunFile(path, baseline, text)
  if (options.json !== true) print(savedWords(path, upToDate, baseline, before))
  await writeJson(options.json, serializeRun(baseline))
}

/**
 * The stored Run to compare with.
 * @throws UsageError BASELINE_MISSING, and as `readScenarioRun`
 */
export async function readBaseline(path: string): Promise<Run> {
  return readScenarioRun(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error
    throw new UsageError(
      'BASELINE_MISSING',
      `${path}: there is no baseline; make one with forgebench gate --save-baseline${path === defaultBaselinePath ? '' : ` ${path}`}`,
      { cause: error },
    )
  })
}

/** The scenarios named, else those of a baseline, else ours. */
export async function scenariosOf(
  ids: readonly string[],
  baseline: Run | undefined,
  path: string,
): Promise<readonly LoadedScenario[]> {
  const scenarios: LoadedScenario[] = []
  for (const id of ids) scenarios.push(await loadScenario(id))
  if (ids.length > 0) return scenarios
  for (const id of baseline?.scenarios.map((scenario) => scenario.id) ?? defaultScenarios) {
    scenarios.push(
      await loadScenario(id).catch((error: unknown) => {
        if (!(error instanceof UsageError) || error.code !== 'SCENARIO_UNKNOWN') throw error
        throw new UsageError(
          'BASELINE_SCENARIO',
          `${path} has the scenario ${id}, which is none of ours: name its file, such as forgebench gate ./${id}.ts --counters-only, or the scenarios that are left`,
          { cause: error },
        )
      }),
    )
  }
  return scenarios
}

/** Measures the counters of scenarios, one after another. */
export async function countScenarios(
  scenarios: readonly LoadedScenario[],
  { passes, scale, seed }: { readonly passes: 1 | 2; readonly scale: number; readonly seed: number },
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
        emit: progress.listen,
        signal: interruptSignal(),
      },
      measureCounters(passes),
    )
  } finally {
    progress.end()
  }
}

/** What is there already; a file that is no baseline must not be overwritten by a slip of the hand. */
async function storedBefore(path: string): Promise<Run | undefined> {
  return readScenarioRun(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(
      'BASELINE_NOT_OURS',
      `${path}: holds something else than a Run of scenarios (${error.code}); remove it, or save the baseline to another file`,
      { cause: error },
    )
  })
}

const isMissing = (error: unknown): boolean =>
  error instanceof UsageError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'

function savedWords(path: string, upToDate: boolean, run: Run, before: Run | undefined): string {
  const { scale, seed } = run.settings
  const ids = run.scenarios.map(({ id }) => id)
  const gone = before?.scenarios.map(({ id }) => id).filter((id) => !ids.includes(id)) ?? []
  const unsteady = run.scenarios.flatMap(({ id, evidence }) =>
    evidence.flatMap(({ operation, variant, unsteady: names }) =>
      names === undefined ? [] : [`${id}/${operation} on ${variant}: ${names.join(', ')}`],
    ),
  )
  return [
    `Baseline: ${relative('.', path)}${upToDate ? ' says so already, nothing changed' : ''} (${ids.join(', ')}; scale ${scale}, seed ${seed})`,
    ...(gone.length === 0 ? [] : [`no longer in it: ${gone.join(', ')}`]),
    ...unsteady.map((line) => `did not repeat, and will not be judged exactly: ${line}`),
  ].join('\n')
}
