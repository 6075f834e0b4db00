import { relative } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { timeNotJudged } from '../judge/gate/counters.ts'
import { countersHead } from '../report/gate/counters-head.ts'
import { defaultBaselinePath } from '../run/baseline-file.ts'
import { refuseClosedFolder } from '../run/out-folder.ts'
import type { Run } from '../run/run.ts'
import { expandVariants } from '../scenario/expand.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { countScenarios, readBaseline, scenariosOf } from './gate-baseline.ts'
import { comparedVerdict } from './gate-compared.ts'
import type { GateOptions } from './gate-options.ts'
import { showGate } from './gate-result.ts'
import { saveRun } from './save-run.ts'

/**
 * The gate on counters: measures what needs no clock, with the scale and seed of a stored baseline, and judges it
 * exactly.
 * @throws UsageError RUNS_NOT_COMPARABLE; what cut the measurement short, when everything is saved
 */
export async function gateCounters(ids: readonly string[], options: GateOptions): Promise<void> {
  const path = options.baseline ?? defaultBaselinePath
  const stored = await readBaseline(path)
  const scenarios = await scenariosOf(ids, stored, path)
  const candidate = candidateVariant(options.candidate, scenarios, stored, path)
  await refuseClosedFolder(options.out)
  const { run, failure } = await countScenarios(scenarios, { ...stored.settings, passes: 1 })
  if (run.scenarios.length === 0) throw failure
  const runPath = await saveRun(options.out, run)
  process.stderr.write(`Run: ${relative('.', runPath)}\n`)
  if (failure !== undefined) throw failure
  const only = (of: Run): Run => (candidate === undefined ? of : withVariant(of, candidate))
  const verdict = comparedVerdict(only(stored), only(run), {
    ...options,
    storedName: path,
    runName: 'what was measured now',
  })
  const notes = options.countersOnly === true ? verdict.notes : [...verdict.notes, timeNotJudged]
  const files = Object.fromEntries(scenarios.map((scenario) => [scenario.id, scenario.path]))
  await showGate(
    { head: countersHead(run, stored, path), verdict: { ...verdict, notes }, run, files },
    options,
  )
}

/** The variant that `--candidate variant:<id>` restricts the gate to. */
function candidateVariant(
  spec: string | undefined,
  [scenario, ...more]: readonly LoadedScenario[],
  stored: Run,
  path: string,
): string | undefined {
  if (spec === undefined || scenario === undefined) return undefined
  const [, id] = /^variant:(.+)$/.exec(spec) ?? []
  const ids = expandVariants(scenario.scenario).map((variant) => variant.id)
  if (more.length > 0 || id === undefined) {
    throw new UsageError(
      'GATE_CANDIDATE',
      `--candidate ${spec}: a stored Run is compared with one variant of one scenario, such as --candidate variant:${ids[0] ?? 'baseline'}; measure two sides with --baseline variant:… or git:…`,
    )
  }
  const known = stored.scenarios.find((of) => of.id === scenario.id)?.variants.map((variant) => variant.id)
  if (!ids.includes(id) || known?.includes(id) === false) {
    const [where, there] = ids.includes(id) ? [path, known ?? []] : [scenario.id, ids]
    throw new UsageError(
      'GATE_CANDIDATE',
      `--candidate ${spec}: ${where} has no variant ${id}; it has ${there.join(', ')}`,
    )
  }
  return id
}

const withVariant = (run: Run, id: string): Run => ({
  ...run,
  scenarios: run.scenarios.map((scenario) => ({
    ...scenario,
    variants: scenario.variants.filter((variant) => variant.id === id),
    evidence: scenario.evidence.filter(({ variant }) => variant === id),
  })),
})
