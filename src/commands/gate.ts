import { Command, Option } from 'commander'
import { UsageError } from '../core/errors.ts'
import { defaultOperationMs } from '../engine/gate/gate-sampling.ts'
import { defaultBaselinePath } from '../run/baseline-file.ts'
import { dataOptions, decimalNumber, wholeNumber } from './console.ts'
import { saveBaseline } from './gate-baseline.ts'
import { gateBudgets } from './gate-budgets.ts'
import { isStoredRun, refuseSenseless } from './gate-combinations.ts'
import { gateCounters } from './gate-counters.ts'
import type { GateOptions } from './gate-options.ts'
import { refuseClosedReports, reportOption } from './gate-reports.ts'
import { gateSides } from './gate-sides.ts'
import { gateStored } from './gate-stored.ts'

const sidesAndExamples = `
Sides, each of them --baseline or --candidate:
  variant:<id>            a variant of the scenario, such as variant:composite or variant:composite:no-stats
  migrations:<a>,<b>      these migrations on the scenario's data
  git:<rev>[:<variant>]   scenario and migrations of another revision; beside it, --candidate may be left out
  file:<path.db>          a database file; it is copied, and arguments are drawn from the baseline
  http(s)://  ws(s)://  libsql://   a libSQL server; it is only read

Examples:
  forgebench gate ./bench/orders.ts --baseline git:main:indexed  # this working tree against main
  forgebench gate indexes/composite --baseline variant:baseline --candidate variant:composite --operations Q1,Q2,Q3
  forgebench gate indexes/composite                               # its budgets
  forgebench gate --save-baseline && git add reports/baseline.json
  forgebench gate --counters-only                                 # exact, on any machine, in seconds
  forgebench gate indexes/composite --baseline variant:baseline --candidate variant:composite \\
    --report junit=gate.xml --report gate-json=gate.json          # in CI; GitHub Actions is recognised by itself`

/** `forgebench gate`: measures a candidate beside a baseline until it can tell, and exits accordingly. */
export function gateCommand(): Command {
  const command = new Command('gate')
    .summary('is the candidate slower than the baseline? Exit 0, 1 or 3')
    .description(
      'Measures a candidate beside a baseline, in pairs of slices in fresh processes, until the 95th percentile of every operation is surely not slower (exit 0), one is surely slower or stalls surely more often (exit 1), or the rounds are used up (exit 3). At most 1 % of the gates on equal sides fail.',
    )
    .argument('[scenario...]', 'ids as in «forgebench list», or paths of your own files')
    .option('--baseline <side>', 'what to compare with, such as variant:baseline; or a stored Run, x.json')
    .option('--candidate <side>', 'what may be slower, such as variant:composite')
    .option(
      '--operations <ids>',
      'judge only these, separated by commas; a write is timed only when it is named here, and what the disk does makes it likelier to be inconclusive',
    )
  return dataOptions(command)
    .option('--tolerance <percent>', 'slower by no more than this is no failure', decimalNumber(0, 50), 2)
    .option('--smallest-effect <percent>', 'slower by this matters', decimalNumber(1, 1000), 10)
    .option(
      '--operation-ms <ms>',
      'time of each operation in a round, both sides together',
      wholeNumber(1, 60_000),
      defaultOperationMs,
    )
    .addOption(
      new Option('--quantile <quantile>', 'what is compared; the median needs 4 samples a round, not 400')
        .choices(['p50', 'p95'])
        .default('p95'),
    )
    .option('--auth-token-env <name>', "environment variable that holds the token of the candidate's server")
    .option('--baseline-auth-token-env <name>', "the same for the baseline's server")
    .option('--max-seconds <n>', 'begin no round after this time', wholeNumber(1, 86_400), 600)
    .option('--order-seed <n>', 'repeat the roles and the order of another gate', wholeNumber(0, 2 ** 32 - 1))
    .option(
      '--counters-only',
      'judge plans, answers, counters and sizes against a stored Run; needs no clock',
    )
    .option(
      '--save-baseline [file]',
      `measure what --counters-only compares, and store it (default: ${defaultBaselinePath})`,
    )
    .option('--force', 'judge Runs together that are not alike; a note says what differs')
    .option('--from <run.json...>', 'judge Runs that were measured before, offline')
    .addOption(reportOption())
    .option('--out <folder>', 'where the Run goes', 'reports')
    .option('--json [file]', 'also write the Run to a file, or to stdout in place of the table')
    .addHelpText('after', sidesAndExamples)
    .action(gate)
}

async function gate(scenarios: readonly string[], flags: GateOptions, command: Command): Promise<void> {
  const options = { ...flags, chosen: chosenOptions(command) }
  refuseSenseless(scenarios, options)
  await refuseClosedReports(options.report)
  const { from, saveBaseline: file, baseline, candidate } = options
  if (from !== undefined) return gateStored(from, options)
  if (file !== undefined) return saveBaseline(scenarios, options)
  if (options.countersOnly === true || isStoredRun(baseline)) return gateCounters(scenarios, options)
  const [scenario, second] = scenarios
  if (scenario !== undefined && second === undefined && baseline === undefined && candidate === undefined) {
    return gateBudgets(scenario, options)
  }
  if (scenario === undefined || second !== undefined || baseline === undefined) {
    throw new UsageError(
      'GATE_ARGUMENTS',
      'gate needs a scenario alone, which is held to its budgets, or with --baseline and --candidate, or --counters-only, or --from a run.json',
    )
  }
  await gateSides(scenario, { baseline, candidate }, options)
}

/** Names of the options on the command line; the others have their defaults. */
const chosenOptions = (command: Command): ReadonlySet<string> =>
  new Set(
    command.options
      .map((option) => option.attributeName())
      .filter((name) => command.getOptionValueSource(name) === 'cli'),
  )
