import { Command } from 'commander'
import { readConfig } from '../config/read.ts'
import { UsageError } from '../core/errors.ts'
import { drawLoadData } from '../engine/load/draw-load-data.ts'
import type { LoadEngineName } from '../engine/load/load-engines.ts'
import { measureLoad } from '../engine/load/measure-load.ts'
import { prepareLoad, type PreparedLoad } from '../engine/load/prepare-load.ts'
import { rowCounter } from '../engine/load/row-counter.ts'
import { segmentOf } from '../load/k6/k6-arguments.ts'
import { plannedSeconds } from '../core/load-stages.ts'
import { refuseForeignHost } from '../load/target/target-url.ts'
import { readToken } from '../load/target/token.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import { refuseClosedFolder } from '../run/out-folder.ts'
import { loadProfile } from '../scenario/load-profile-file.ts'
import { openReader } from '../target/open-reader.ts'
import { interruptSignal } from './interruption.ts'
import { earlyEnd, partsDoNotAbort } from './load-early-end.ts'
import { operatorManifests } from './load-operator.ts'
import {
  comparedLoad,
  defaultEngine,
  otherOptions,
  refuseToolArgs,
  sendingOptions,
  targetOptions,
  urlOf,
  loadOptionsOf,
  type LoadFlags,
} from './load-options.ts'
import { loadProgress } from './load-progress.ts'
import { printTo, showComparison, showLoad } from './load-result.ts'
import { loadSummary } from './load-summary.ts'
import { projectDatasets } from './project.ts'

const help = `
Only this machine is loaded unless a host is named with --allow-host or in forgebench.config.ts.

Examples:
  $ forgebench load --url http://127.0.0.1:8787 --rate 500 --duration 20
  $ forgebench load --url http://127.0.0.1:8787 --engine autocannon
  $ forgebench load --draw-data --db file:bench.db --profile ./my-profile.ts
  $ forgebench load --url https://staging.example.org --engine k6-operator --print --parallelism 4 > load.yaml
  $ forgebench load --collect pods.log
  $ forgebench load --compare-variants baseline,composite`

const defaultOut = 'reports'

/** `forgebench load`: puts load on a running API and says whether its thresholds hold. */
export function loadCommand(): Command {
  const command = new Command('load')
    .summary('put load on a running API')
    .description(
      'Sends a load profile to a running API, accounts for every request, and says whether the thresholds hold.',
    )
    .argument('[tool-args...]', 'after --: arguments for k6')
  return otherOptions(targetOptions(sendingOptions(command)))
    .addHelpText('after', help)
    .action(load)
}

async function load(toolArgs: readonly string[], flags: LoadFlags): Promise<void> {
  if (flags.drawData === true) return drawData(flags)
  if (flags.collect !== undefined) {
    const { collectLoad } = await import('../load/collect/collect-load.ts')
    const run = await collectLoad(flags.collect, forgebenchVersion())
    return showLoad(run, flags.out ?? defaultOut, flags.json)
  }
  if (flags.compareVariants !== undefined) return compare(flags.compareVariants, flags)
  refuseToolArgs(toolArgs, flags)
  const url = urlOf(flags)
  const prepared = await prepareLoad(flags.profile, loadOptionsOf(flags, url), flags.threshold)
  if (flags.engine === 'k6-operator') {
    warn(partsDoNotAbort(prepared))
    return printTo(flags.out, await operatorManifests(prepared, flags, toolArgs))
  }
  const { load: config } = await readConfig(process.cwd())
  await refuseForeignHost(url, [...flags.allowHost, ...(config?.allowHosts ?? [])])
  await send(prepared, flags.engine ?? defaultEngine, toolArgs, flags)
}

async function send(
  prepared: PreparedLoad,
  engine: LoadEngineName,
  toolArgs: readonly string[],
  flags: LoadFlags,
): Promise<void> {
  const out = flags.out ?? defaultOut
  const token = readToken(flags.authTokenEnv ?? null, process.env)
  const rows = flags.db === undefined ? undefined : rowCounter(flags.db, dbToken(flags))
  await refuseClosedFolder(out)
  process.stderr.write(loadSummary(prepared, engine))
  const progress = loadProgress(process.stderr, plannedSeconds(prepared.plan))
  const isPart = segmentOf(toolArgs) !== null
  const early = isPart ? undefined : earlyEnd(prepared)
  if (isPart) warn(partsDoNotAbort(prepared))
  const run = await measureLoad(
    prepared,
    { engine, rows, floor: flags.floor, token, version: forgebenchVersion() },
    { signal: interruptSignal(), emit: progress.listen, toolArgs, ...(early === undefined ? {} : { early }) },
  ).finally(progress.end)
  await showLoad(run, out, flags.json)
}

const warn = (text: string | undefined): void => {
  if (text !== undefined) process.stderr.write(`warning: ${text}\n`)
}

async function compare(variants: readonly string[], flags: LoadFlags): Promise<void> {
  // Loaded when it is asked for: it brings the generator and the reference API.
  const { compareVariants, comparisonDefaults } = await import('../engine/compare/compare-variants.ts')
  const { out = defaultOut, duration = comparisonDefaults.seconds } = flags
  await refuseClosedFolder(out)
  const progress = loadProgress(process.stderr, duration)
  const outcome = await compareVariants({
    datasets: await projectDatasets(),
    ...comparedLoad(flags),
    variants,
    scenario: flags.scenario,
    profile: flags.profile,
    mix: flags.mix,
    scale: flags.scale,
    seed: flags.seed,
    seconds: duration,
    rounds: flags.rounds,
    connections: flags.connections ?? comparisonDefaults.connections,
    timeoutMs: flags.timeout,
    version: forgebenchVersion(),
    signal: interruptSignal(),
    emit: progress.listen,
  }).finally(progress.end)
  await showComparison(outcome, out, flags.json)
}

const dbToken = ({ dbAuthTokenEnv }: LoadFlags): string | undefined =>
  readToken(dbAuthTokenEnv ?? null, process.env, '--db-auth-token-env')

async function drawData(flags: LoadFlags): Promise<void> {
  if (flags.db === undefined) {
    throw new UsageError('DB_MISSING', '--db is missing; name the database to draw from: --db file:bench.db')
  }
  const { profile, shown } = await loadProfile(flags.profile)
  if (Object.keys(profile.data?.tables ?? {}).length === 0) {
    throw new UsageError(
      'NOTHING_TO_DRAW',
      `${shown} names no tables to draw from (data.tables): it needs no rows`,
    )
  }
  const reader = await openReader(flags.db, dbToken(flags))
  try {
    await printTo(flags.out, await drawLoadData(reader, profile, flags.seed))
  } finally {
    reader.close()
  }
}
