import { Command } from 'commander'
import { withConfigBudgets } from '../../config/scenario-budgets.ts'
import { UsageError } from '../../core/errors.ts'
import { measureBudgets } from '../../engine/gate/measure-budgets.ts'
import { judgeBudgetGate } from '../../judge/judge-run.ts'
import { budgetsHead } from '../../report/gate/budgets-head.ts'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import { withDriver } from '../../scenario/with-driver.ts'
import { withOperations } from '../../scenario/with-operations.ts'
import { budgetOrder, costOptions, type CostFlags } from '../cost-options.ts'
import { driverOption, type DriverFlag } from '../driver-option.ts'
import { interruptSignal } from '../interruption.ts'
import { loadScenario } from '../project.ts'
import { runProgress } from '../run-progress.ts'
import { timedOptions, type TimedFlags } from './options.ts'
import { refuseClosedOutputs, saveGate, showGate } from './result.ts'

/** `forgebench gate budgets`: the variants of a scenario against limits. */
export const budgetsCommand = (): Command =>
  costOptions(
    driverOption(
      timedOptions(
        new Command('budgets')
          .summary('does a scenario keep within its budgets?')
          .description(
            'Measures what the budgets of a scenario limit, and nothing else, and judges it. Budgets stand in the scenario or in forgebench.config.ts; forgebench calibrate suggests some.',
          )
          .argument('<scenario>', 'an id as in «forgebench list», or the path of your own file'),
      ),
    ),
  )
    .addHelpText('after', '\nExample:\n  $ forgebench gate budgets indexes/composite --operations Q1,Q2')
    .action(budgets)

/**
 * The absolute gate: measures what the budgets of a scenario need, and judges it.
 * @throws UsageError BUDGETS_MISSING; what cut the measurement short, when everything is saved and shown
 */
async function budgets(scenario: string, flags: TimedFlags & CostFlags & DriverFlag): Promise<void> {
  await refuseClosedOutputs(flags)
  const all = await withConfigBudgets(await loadScenario(scenario), process.cwd())
  const loaded = withDriver(withOperations(all, flags.operations?.split(',')), flags.db)
  if ((loaded.scenario.budgets ?? []).length === 0) {
    const where = flags.operations === undefined ? '' : ` of ${flags.operations}`
    throw new UsageError(
      'BUDGETS_MISSING',
      `${loaded.id} has no budgets${where}: write them as budgets in the scenario or as gate.budgets in forgebench.config.ts (forgebench calibrate ${scenario} suggests some), or compare two sides with forgebench gate compare`,
    )
  }
  const cost = await budgetOrder([loaded], flags)
  const progress = runProgress(process.stderr, () => performance.now())
  const { run, failure } = await measureBudgets(
    {
      ...flags,
      loaded,
      ...(cost === undefined ? {} : { cost }),
      emit: progress.listen,
      signal: interruptSignal(),
    },
    forgebenchVersion(),
  ).finally(() => progress.end())
  const verdict = judgeBudgetGate(run)
  if (verdict === null) throw failure
  await saveGate(run, flags)
  await showGate({ head: budgetsHead(run), verdict, run, files: { [loaded.id]: loaded.path } }, flags)
  if (failure !== undefined) throw failure
}
