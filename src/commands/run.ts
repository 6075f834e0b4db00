import { join, relative } from 'node:path'
import { Command } from 'commander'
import { exitCode, UsageError } from '../core/errors.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { measureSweeps } from '../engine/sweep/measure-sweeps.ts'
import { measureRun } from '../engine/run/measure-run.ts'
import { defaultSampling, fixedRounds } from '../engine/experiment/sampling.ts'
import { judgeScenarios } from '../judge/judge-run.ts'
import { judgeSweeps } from '../judge/sweep/judge-sweeps.ts'
import { formats } from '../report/formats.ts'
import { claimsOfRun } from '../scenario/checked-claims.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import { refuseClosedFolder } from '../run/files/out-folder.ts'
import { differencesOf } from '../run/engine-differences.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import type { ClaimRun } from '../run/run.ts'
import { writeReportFile } from '../run/files/out-file.ts'
import { serializeRun } from '../run/serialize.ts'
import { defaultScenarios } from '../reference/defaults.ts'
import { namesSweep } from '../scenario/sweep/load-sweep.ts'
import { withDriver } from '../scenario/with-driver.ts'
import { withOperations } from '../scenario/with-operations.ts'
import {
  dataOptions,
  outputWidth,
  print,
  wantsColor,
  wholeNumber,
  writeJson,
  type DataOptions,
  type JsonOption,
} from './console.ts'
import { billOrder, costOptions, hasCostFlags, type CostFlags } from './cost-options.ts'
import { driverOption, isServer, type DriverFlag } from './driver-option.ts'
import { interruptSignal } from './interruption.ts'
import { endWith, noteFailure } from './outcome.ts'
import { loadScenarios, loadSweeps } from './project.ts'
import { saveRun } from './save-run.ts'
import { runProgress } from './run-progress.ts'

interface RunOptions extends DataOptions, CostFlags, DriverFlag {
  readonly operations?: string
  readonly maxSeconds: number
  readonly rounds?: number
  readonly sliceMs: number
  readonly cost?: true
  readonly out: string
  readonly json?: JsonOption
}

export function runCommand(): Command {
  const command = new Command('run')
    .summary('measure scenarios and say which claims hold')
    .description(
      'Fills databases with the data that a scenario stands on, checks that all variants answer alike, and measures them side by side. Without a scenario it runs those that come with forgebench on indexes and UUIDs, on embedded libSQL.',
    )
    .argument('[scenario...]', `ids as in «forgebench list», or paths of your own files`)
  return costOptions(
    driverOption(dataOptions(command))
      .option('--operations <ids>', 'only these, separated by commas: fewer have more time each')
      .option(
        '--max-seconds <n>',
        'time for measuring; claims that are not decided by then stay inconclusive',
        wholeNumber(1, 86_400),
        defaultSampling.maxSeconds,
      )
      .option(
        '--rounds <n>',
        'fresh processes that measure, in place of as many as the claims need; 6 or more give 95 % intervals',
        wholeNumber(1, 1000),
      )
      .option(
        '--slice-ms <ms>',
        'time of a slice of every variant, or of a point of a sweep',
        wholeNumber(1, 1000),
        defaultSampling.sliceMs,
      )
      .option(
        '--cost',
        'also count the rows that operations read and write, and what a month of them costs; needs a libSQL server (sqld) here',
      ),
  )
    .option('--out <folder>', 'where the Run and the report go', 'reports')
    .option('--json [file]', 'also write the Run to a file, or to stdout in place of the table')
    .addHelpText('after', '\nExample:\n  forgebench run indexes/composite --scale 0.1 --json run.json')
    .action(run)
}

async function run(ids: readonly string[], options: RunOptions, command: Command): Promise<void> {
  const wanted = ids.length === 0 ? defaultScenarios : ids
  const sweeps = await sweepsAmong(wanted)
  if (sweeps.length > 0) return runSweeps(sweeps, options, command)
  const loaded = await loadScenarios(wanted)
  const scenarios = loaded.map((each) =>
    withDriver(withOperations(each, options.operations?.split(',')), options.db),
  )
  const claimsOf = ({ claims }: LoadedScenario): readonly ClaimRun[] => claimsOfRun(claims)
  await refuseClosedFolder(options.out)
  const cost =
    options.cost === true || hasCostFlags(options) || isServer(options.db)
      ? await billOrder(scenarios, options)
      : undefined
  const progress = runProgress(process.stderr, () => performance.now())
  const { run, failure } = await measureRun(scenarios, claimsOf, forgebenchVersion(), {
    scale: options.scale,
    seed: options.seed,
    sampling: {
      analyses: options.rounds === undefined ? defaultSampling.analyses : fixedRounds(options.rounds),
      sliceMs: options.sliceMs,
      maxSeconds: options.maxSeconds,
    },
    ...(cost === undefined ? {} : { cost }),
    emit: progress.listen,
    signal: interruptSignal(),
  })
  progress.end()
  if (run.scenarios.length === 0) throw failure
  await show({ kind: 'scenarios', run, verdict: judgeScenarios(run), gate: null }, options)
  if (failure !== undefined) throw failure
  // What an engine answers otherwise is a verdict on it.
  if (run.scenarios.some((scenario) => differencesOf(scenario).length > 0)) endWith(exitCode.fail)
}

/**
 * The names that are those of sweeps.
 * @throws UsageError RUN_MIXED where others stand beside them: a Run is of one kind
 */
async function sweepsAmong(names: readonly string[]): Promise<readonly string[]> {
  const sweeps: string[] = []
  for (const name of names) if (await namesSweep(name)) sweeps.push(name)
  if (sweeps.length === 0 || sweeps.length === names.length) return sweeps
  const other = names.find((name) => !sweeps.includes(name)) ?? ''
  throw new UsageError(
    'RUN_MIXED',
    `${sweeps[0] ?? ''} is a sweep and ${other} a scenario; run each kind on its own`,
  )
}

async function runSweeps(names: readonly string[], options: RunOptions, command: Command): Promise<void> {
  if (options.db !== undefined) {
    throw new UsageError('SWEEP_DB', `a sweep starts servers of its own: leave out --db ${options.db}`)
  }
  if (options.operations !== undefined || options.cost === true || hasCostFlags(options)) {
    throw new UsageError(
      'SWEEP_OPERATIONS',
      'a sweep has points and no operations: leave out --operations, --cost and the flags of costs',
    )
  }
  const loaded = await loadSweeps(names)
  await refuseClosedFolder(options.out)
  // A sweep knows the data and the time that suit it.
  const given = <T>(name: keyof RunOptions, value: T): T | undefined =>
    command.getOptionValueSource(name) === 'default' ? undefined : value
  const progress = runProgress(process.stderr, () => performance.now())
  const { run, failure } = await measureSweeps(loaded, forgebenchVersion(), {
    seed: options.seed,
    scale: given('scale', options.scale),
    rounds: options.rounds,
    seconds: given('sliceMs', options.sliceMs / 1000),
    maxSeconds: options.maxSeconds,
    emit: progress.listen,
    signal: interruptSignal(),
  })
  progress.end()
  if (run.sweeps.length === 0) throw failure
  await show({ kind: 'sweep', run, verdict: judgeSweeps(run), gate: null }, options)
  if (failure !== undefined) throw failure
}

/** Writes a Run and its report to their folder, and shows what it says. */
async function show(judged: JudgedRun, { out, json }: RunOptions): Promise<void> {
  const path = await saveRun(out, judged.run)
  const reportPath = join(path, '..', 'report.md')
  const look = { color: wantsColor(process.stdout), width: outputWidth() }
  await writeReportFile(reportPath, formats.markdown(judged)).catch(noteFailure)
  if (json !== true) print(formats.terminal(judged, look))
  process.stderr.write(`\nRun:    ${relative('.', path)}\nReport: ${relative('.', reportPath)}\n`)
  // Last: where it cannot be written, the Run is saved and named all the same.
  await writeJson(json, serializeRun(judged.run))
}
