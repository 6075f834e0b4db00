import { Command, Option } from 'commander'
import { readConfig } from '../../config/read.ts'
import { UsageError } from '../../core/errors.ts'
import { plannedSeconds } from '../../core/load-stages.ts'
import { loadEngineNames } from '../../engine/load/load-engines.ts'
import { measureLoad } from '../../engine/load/measure-load.ts'
import { prepareLoad } from '../../engine/load/prepare-load.ts'
import { rowCounter } from '../../engine/load/row-counter.ts'
import { checkK6Arguments, segmentOf } from '../../load/k6/k6-arguments.ts'
import { refuseForeignHost } from '../../load/target/target-url.ts'
import { readToken } from '../../load/target/token.ts'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import { refuseClosedFolder } from '../../run/files/out-folder.ts'
import { decimalNumber, wholeNumber } from '../console.ts'
import { interruptSignal } from '../interruption.ts'
import { earlyEnd, warnPartsDoNotAbort } from './early-end.ts'
import {
  defaultConnectRate,
  loadOptionsOf,
  outOptions,
  sentOptions,
  urlOf,
  type EngineFlags,
  type OutFlags,
  type SentFlags,
} from './options.ts'
import { loadProgress } from './progress.ts'
import { showLoad } from './result.ts'
import { loadSummary } from './summary.ts'

interface RunFlags extends SentFlags, EngineFlags, OutFlags {
  readonly floor: boolean
  readonly db?: string
  readonly dbAuthTokenEnv?: string
  readonly allowHost: readonly string[]
}

/** `forgebench load run`, and `forgebench load` alone: a load from this machine. */
export const runCommand = (): Command =>
  outOptions(
    sentOptions(
      new Command('run')
        .summary('send a load from this machine (the default)')
        .description(
          'Sends a load profile to a running API, accounts for every request, and says whether the thresholds hold. Only this machine is loaded unless a host is named with --allow-host or in forgebench.config.ts.',
        )
        .argument('[k6-args...]', 'after --: arguments for k6'),
    )
      .addOption(new Option('--engine <name>', 'what sends').choices(loadEngineNames).default('open'))
      .option(
        '--connect-rate <n>',
        'connections opened a second',
        decimalNumber(1, 100_000),
        defaultConnectRate,
      )
      .option('--workers <n>', 'processes that send; default: as the rate needs', wholeNumber(1, 64))
      .option('--no-floor', 'do not measure first what this machine can do without the target')
      .option('--ca-file <file>', 'certificates (PEM) that are trusted too')
      .addOption(
        new Option('--allow-host <name>', 'a host besides this machine that may be loaded; repeatable')
          .argParser((text: string, before: readonly string[]) => [...before, text])
          .default([], 'none'),
      )
      .option('--db <location>', 'the database behind the API: rows are counted before and afterwards')
      .option('--db-auth-token-env <name>', 'environment variable with a token for --db'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ forgebench load run --url http://127.0.0.1:8787 --rate 500 --duration 20',
    )
    .action(run)

async function run(toolArgs: readonly string[], flags: RunFlags, command: Command): Promise<void> {
  const { engine, out } = flags
  if (engine === 'k6') checkK6Arguments(toolArgs)
  else refuseArguments(toolArgs, engine, command)
  const url = urlOf(flags)
  const prepared = await prepareLoad(flags.profile, loadOptionsOf(flags, flags), flags.threshold)
  const { load: config } = await readConfig(process.cwd())
  await refuseForeignHost(url, [...flags.allowHost, ...(config?.allowHosts ?? [])])
  const token = readToken(flags.authTokenEnv ?? null, process.env)
  const dbToken = readToken(flags.dbAuthTokenEnv ?? null, process.env, '--db-auth-token-env')
  const rows = flags.db === undefined ? undefined : rowCounter(flags.db, dbToken)
  await refuseClosedFolder(out)
  process.stderr.write(loadSummary(prepared, engine))
  const progress = loadProgress(process.stderr, plannedSeconds(prepared.plan))
  const isPart = segmentOf(toolArgs) !== null
  const early = isPart ? undefined : earlyEnd(prepared)
  if (isPart) warnPartsDoNotAbort(prepared)
  const run = await measureLoad(
    prepared,
    { engine, rows, floor: flags.floor, token, version: forgebenchVersion() },
    { signal: interruptSignal(), emit: progress.listen, toolArgs, ...(early === undefined ? {} : { early }) },
  ).finally(progress.end)
  await showLoad(run, flags)
}

/** A word that is no option is meant for k6, or for another command. @throws UsageError UNEXPECTED_ARGUMENTS */
function refuseArguments(words: readonly string[], engine: string, { parent }: Command): void {
  if (words.length === 0) return
  const commands = parent?.commands.map((command) => command.name()) ?? []
  throw new UsageError(
    'UNEXPECTED_ARGUMENTS',
    `${words.join(' ')}: the engine ${engine} takes no arguments; the URL is given with --url, the profile with --profile, and forgebench load has the commands ${commands.join(', ')}`,
  )
}
