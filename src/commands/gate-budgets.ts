import { relative } from 'node:path'
import { withConfigBudgets } from '../config/scenario-budgets.ts'
import { UsageError } from '../core/errors.ts'
import { measureBudgets } from '../engine/gate/measure-budgets.ts'
import { judgeBudgetGate } from '../judge/judge-run.ts'
import { budgetsHead } from '../report/gate/budgets-head.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import { refuseClosedFolder } from '../run/out-folder.ts'
import { withOperations } from '../scenario/with-operations.ts'
import { interruptSignal } from './interruption.ts'
import type { GateOptions } from './gate-options.ts'
import { showGate } from './gate-result.ts'
import { loadScenario } from './project.ts'
import { saveRun } from './save-run.ts'
import { runProgress } from './run-progress.ts'

/**
 * The absolute gate: measures what the budgets of a scenario need, and judges it.
 * @throws UsageError BUDGETS_MISSING; what cut the measurement short, when everything is saved and shown
 */
export async function gateBudgets(scenario: string, options: GateOptions): Promise<void> {
  const all = await withConfigBudgets(await loadScenario(scenario), process.cwd())
  const loaded = withOperations(all, options.operations?.split(','))
  if ((loaded.scenario.budgets ?? []).length === 0) {
    const where = options.operations === undefined ? '' : ` of ${options.operations}`
    throw new UsageError(
      'BUDGETS_MISSING',
      `${loaded.id} has no budgets${where}: write them as budgets in the scenario or as gate.budgets in forgebench.config.ts (forgebench calibrate ${scenario} suggests some), or compare two sides with --baseline and --candidate`,
    )
  }
  await refuseClosedFolder(options.out)
  const progress = runProgress(process.stderr, () => performance.now())
  const { run, failure } = await measureBudgets(
    { ...options, loaded, emit: progress.listen, signal: interruptSignal() },
    forgebenchVersion(),
  ).finally(() => progress.end())
  const verdict = judgeBudgetGate(run)
  if (verdict === null) throw failure
  const path = await saveRun(options.out, run)
  process.stderr.write(`Run: ${relative('.', path)}\n`)
  await showGate({ head: budgetsHead(run), verdict, run, files: { [loaded.id]: loaded.path } }, options)
  if (failure !== undefined) throw failure
}
