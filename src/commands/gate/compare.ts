import { randomInt } from 'node:crypto'
import { Command, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { withConfigBudgets } from '../../config/scenario-budgets.ts'
import { gateSettings } from '../../engine/gate/gate-settings.ts'
import { measureGate } from '../../engine/gate/measure-gate.ts'
import type { GateSide } from '../../engine/gate/sides/gate-side.ts'
import { withSides } from '../../engine/gate/sides/with-sides.ts'
import { judgeGate } from '../../judge/gate/gate.ts'
import { relativeHead } from '../../report/gate/gate-document.ts'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import type { GateSettings } from '../../run/gate/gate-run.ts'
import { placeOfScenario } from '../../scenario/load.ts'
import { decimalNumber, wholeNumber } from '../console.ts'
import type { DriverName } from '../../target/drivers.ts'
import { driverOption, type DriverFlag } from '../driver-option.ts'
import { interruptSignal } from '../interruption.ts'
import { projectDatasets } from '../project.ts'
import { runProgress } from '../run-progress.ts'
import { timedOptions, type TimedFlags } from './options.ts'
import { refuseClosedOutputs, saveGate, showGate } from './result.ts'

interface CompareFlags extends TimedFlags, DriverFlag {
  readonly baseline: string
  /** Absent beside a `git:…` baseline: the variant of the same name in the working tree. */
  readonly candidate?: string
  readonly authTokenEnv?: string
  readonly baselineAuthTokenEnv?: string
  readonly tolerance: number
  readonly smallestEffect: number
  readonly quantile: 'p50' | 'p95'
  readonly orderSeed?: number
}

const help = `
A side is one of:
  variant:<id>            a variant of the scenario: variant:composite, variant:composite:no-stats
  migrations:<a>,<b>      these migrations on the scenario's data
  git:<rev>[:<variant>]   scenario and migrations of another revision; beside it, --candidate may be
                          left out: it is then the same variant of the working tree
  file:<path.db>          a database file; it is copied, and arguments are drawn from the baseline
  http(s):// ws(s):// libsql://   a libSQL server; it is only read
Writes are timed only where --operations names them.

Examples:
  $ forgebench gate compare ./bench/orders.ts --baseline git:main:indexed
  $ forgebench gate compare indexes/composite --baseline variant:baseline \\
    --candidate variant:composite`

/** `forgebench gate compare`: a candidate beside a baseline, measured until it is decided. */
export function compareCommand(): Command {
  const command = new Command('compare')
    .summary('is a candidate slower than a baseline, both measured now?')
    .description(
      'Measures a candidate beside a baseline, in pairs of slices in fresh processes, until every operation is decided: it passes when it is significantly less than --smallest-effect slower at P95, and fails when it is significantly more than --tolerance slower or stalls significantly more often (exit 1). Exit 3 when the rounds do not decide. At most 1 % of gates on equal sides fail.',
    )
    .argument('<scenario>', 'an id as in «forgebench list», or the path of your own file')
    .requiredOption('--baseline <side>', 'what to compare with, such as variant:baseline or git:main')
    .option('--candidate <side>', 'what may be slower, such as variant:composite')
    .option('--auth-token-env <name>', "environment variable with the token of the candidate's server")
    .option('--baseline-auth-token-env <name>', "the same for the baseline's server")
    .option('--tolerance <percent>', 'slower by no more than this is no failure', decimalNumber(0, 50), 2)
    .option('--smallest-effect <percent>', 'slower by this matters', decimalNumber(1, 1000), 10)
    .addOption(
      new Option('--quantile <quantile>', 'what is compared; p50 needs 4 samples a round, p95 400')
        .choices(['p50', 'p95'])
        .default('p95'),
    )
    .option('--order-seed <n>', 'repeat the order of another gate', wholeNumber(0, 2 ** 32 - 1))
  return driverOption(timedOptions(command)).addHelpText('after', help).action(compare)
}

/** @throws what cut the measurement short, when everything is saved and shown */
async function compare(scenario: string, flags: CompareFlags): Promise<void> {
  // From now on: what a side needs of the disk is removed, too.
  const signal = interruptSignal()
  await refuseClosedOutputs(flags)
  const specs = {
    baseline: flags.baseline,
    candidate: flags.candidate,
    baselineTokenEnv: flags.baselineAuthTokenEnv ?? null,
    candidateTokenEnv: flags.authTokenEnv ?? null,
  }
  const progress = runProgress(process.stderr, () => performance.now())
  const operations = flags.operations?.split(',')
  const { run, failure } = await withSides(scenario, specs, await projectDatasets(), async (sides) =>
    measureGate(
      {
        baseline: through(sides.baseline, flags.db),
        candidate: through(await withItsBudgets(sides.candidate), flags.db),
        ...(operations === undefined ? {} : { operations }),
        settings: settingsOf(flags),
        emit: progress.listen,
        signal,
      },
      forgebenchVersion(),
    ),
  ).finally(() => progress.end())
  await saveGate(run, flags)
  const files = { [run.scenario.id]: (await placeOfScenario(scenario)).path }
  await showGate({ head: relativeHead(run), verdict: judgeGate(run), run, files }, flags)
  if (failure !== undefined) throw failure
}

/** @throws UsageError DB_SIDE for a side that is no variant: it brings its own way to its database */
function through(side: GateSide, driver: DriverName | undefined): GateSide {
  if (driver === undefined) return side
  if (side.place.kind !== 'variant') {
    throw new UsageError(
      'DB_SIDE',
      `--db ${driver} is for sides that are variants, migrations or revisions, and ${side.spec} is none; leave --db out`,
    )
  }
  return { ...side, place: { ...side.place, variant: { ...side.place.variant, driver } } }
}

/** The budgets of the configuration belong to variants of this working tree. */
const withItsBudgets = async (side: GateSide): Promise<GateSide> =>
  side.place.kind === 'variant' && side.commit === null
    ? { ...side, loaded: await withConfigBudgets(side.loaded, process.cwd()) }
    : side

function settingsOf({ tolerance, smallestEffect, orderSeed, ...flags }: CompareFlags): GateSettings {
  return gateSettings({
    ...flags,
    // Any seed will do, but not the same for every gate; the Run says which it was.
    orderSeed: orderSeed ?? randomInt(2 ** 32),
    toleranceRatio: 1 + tolerance / 100,
    smallestEffectRatio: 1 + smallestEffect / 100,
  })
}
