import { Command } from 'commander'
import { withConfigBudgets } from '../../config/scenario-budgets.ts'
import { UsageError } from '../../core/errors.ts'
import { countersHead } from '../../report/gate/counters-head.ts'
import { defaultBaselinePath } from '../../run/gate/baseline-file.ts'
import type { Run } from '../../run/run.ts'
import { mergedBudgets, onlyMonthly } from '../../scenario/budget.ts'
import { expandVariants } from '../../scenario/expand.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { cacheOption } from '../console.ts'
import { budgetOrder, costOptions, type CostFlags } from '../cost-options.ts'
import { countScenarios, readBaseline, scenariosOf } from './baseline.ts'
import { counterVerdict, forceOption, withMonthlyBudgets } from './counter-verdict.ts'
import { outOption, storedRunOption, verdictOptions, type VerdictFlags } from './options.ts'
import { refuseClosedOutputs, saveGate, showGate } from './result.ts'

interface CountersFlags extends VerdictFlags, CostFlags {
  readonly baseline: string
  readonly variant?: string
  readonly force?: true
  readonly out: string
}

/** `forgebench gate counters`: what needs no clock, against a stored Run. */
export const countersCommand = (): Command =>
  verdictOptions(
    outOption(
      costOptions(
        cacheOption(
          new Command('counters')
            .summary('plans, answers, counters and sizes against a stored Run: exact, no clock')
            .description(
              'Measures plans, answers, counters and sizes with the scale and seed of a stored baseline and compares them exactly, on any machine, in seconds. Budgets on rows and money a month are judged too, where a libSQL server (sqld) is here. Time is not compared: for that, measure both sides with forgebench gate compare.',
            )
            .argument(
              '[scenario...]',
              'ids as in «forgebench list» (default: those of the baseline), or paths: files of your own are always named',
            )
            .addOption(
              storedRunOption('the stored Run, as forgebench gate save makes it').default(
                defaultBaselinePath,
              ),
            )
            .option('--variant <id>', 'judge only this variant of the one scenario named')
            .addOption(forceOption()),
        ),
      ),
    ),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ forgebench gate counters --report junit=reports/junit/counters.xml',
    )
    .action(counters)

/** @throws UsageError RUNS_NOT_COMPARABLE; what cut the measurement short, when everything is saved */
async function counters(ids: readonly string[], flags: CountersFlags): Promise<void> {
  await refuseClosedOutputs(flags)
  const { baseline: path } = flags
  const stored = await readBaseline(path)
  const scenarios: LoadedScenario[] = []
  for (const each of await scenariosOf(ids, stored, path)) scenarios.push(await withMonthlyOfConfig(each))
  refuseOtherVariant(flags.variant, scenarios, stored, path)
  const cost = await budgetOrder(scenarios, flags)
  const { run, failure } = await countScenarios(scenarios, { ...stored.settings, passes: 1, cost })
  if (run.scenarios.length === 0) throw failure
  await saveGate(run, flags)
  if (failure !== undefined) throw failure
  const judged = onlyVariant(run, flags.variant)
  const counters = counterVerdict(onlyVariant(stored, flags.variant), judged, {
    ...flags,
    storedName: path,
    runName: 'what was measured now',
  })
  const verdict = withMonthlyBudgets(counters, judged)
  const files = Object.fromEntries(scenarios.map((scenario) => [scenario.id, scenario.path]))
  await showGate({ head: countersHead(run, stored, path), verdict, run, files }, flags)
}

/** The scenario with the budgets on rows and money a month that the configuration here has for it. */
async function withMonthlyOfConfig(loaded: LoadedScenario): Promise<LoadedScenario> {
  const own = loaded.scenario.budgets ?? []
  const { scenario } = await withConfigBudgets(loaded, process.cwd())
  const budgets = mergedBudgets([...own, ...(scenario.budgets ?? []).flatMap(onlyMonthly)])
  return budgets.length === 0 ? loaded : { ...loaded, scenario: { ...loaded.scenario, budgets } }
}

/** @throws UsageError for a `--variant` that is none of the one scenario, or of the baseline */
function refuseOtherVariant(
  id: string | undefined,
  [scenario, ...more]: readonly LoadedScenario[],
  stored: Run,
  path: string,
): void {
  if (id === undefined || scenario === undefined) return
  if (more.length > 0) {
    throw new UsageError(
      'GATE_ARGUMENTS',
      `--variant ${id} needs the one scenario that has it: forgebench gate counters ${scenario.id} --variant ${id}`,
    )
  }
  const known = [
    [scenario.id, expandVariants(scenario.scenario)],
    [path, stored.scenarios.find((of) => of.id === scenario.id)?.variants],
  ] as const
  for (const [where, variants] of known) {
    const ids = variants?.map((variant) => variant.id)
    if (ids === undefined || ids.includes(id)) continue
    throw new UsageError('VARIANT_UNKNOWN', `${where} has no variant ${id}; it has ${ids.join(', ')}`)
  }
}

const onlyVariant = (run: Run, id: string | undefined): Run =>
  id === undefined
    ? run
    : {
        ...run,
        scenarios: run.scenarios.map((scenario) => ({
          ...scenario,
          variants: scenario.variants.filter((variant) => variant.id === id),
          evidence: scenario.evidence.filter(({ variant }) => variant === id),
          ...(scenario.budgets === undefined
            ? {}
            : { budgets: scenario.budgets.filter(({ variant }) => variant === id) }),
        })),
      }
