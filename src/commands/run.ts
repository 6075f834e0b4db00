import { join, relative } from 'node:path'
import { Command } from 'commander'
import type { LoadedScenario } from '../scenario/load.ts'
import { measureRun } from '../engine/run/measure-run.ts'
import { defaultSampling, fixedRounds } from '../engine/experiment/sampling.ts'
import { judgeScenarios } from '../judge/judge-run.ts'
import { renderMarkdown } from '../report/render/markdown.ts'
import { reportDocument } from '../report/run/report-document.ts'
import { renderTerminal } from '../report/render/terminal.ts'
import { claimsOfRun } from '../scenario/checked-claims.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import { refuseClosedFolder } from '../run/files/out-folder.ts'
import type { ClaimRun } from '../run/run.ts'
import { writeReportFile } from '../run/files/out-file.ts'
import { serializeRun } from '../run/serialize.ts'
import { defaultScenarios } from '../reference/defaults.ts'
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
import { interruptSignal } from './interruption.ts'
import { noteFailure } from './outcome.ts'
import { loadScenarios } from './project.ts'
import { saveRun } from './save-run.ts'
import { runProgress } from './run-progress.ts'

interface RunOptions extends DataOptions, CostFlags {
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
    dataOptions(command)
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
        'time of a slice of every variant',
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

async function run(ids: readonly string[], options: RunOptions): Promise<void> {
  const wanted = ids.length === 0 ? defaultScenarios : ids
  const loaded = await loadScenarios(wanted)
  const scenarios = loaded.map((each) => withOperations(each, options.operations?.split(',')))
  const claimsOf = ({ claims }: LoadedScenario): readonly ClaimRun[] => claimsOfRun(claims)
  await refuseClosedFolder(options.out)
  const cost =
    options.cost === true || hasCostFlags(options) ? await billOrder(scenarios, options) : undefined
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
  const path = await saveRun(options.out, run)
  const verdict = judgeScenarios(run)
  const reportPath = join(path, '..', 'report.md')
  const markdown = renderMarkdown(reportDocument(run, verdict, 'full'))
  await writeReportFile(reportPath, markdown).catch(noteFailure)
  if (options.json !== true) {
    const look = { color: wantsColor(process.stdout), width: outputWidth() }
    print(renderTerminal(reportDocument(run, verdict, 'brief'), look))
  }
  process.stderr.write(`\nRun:    ${relative('.', path)}\nReport: ${relative('.', reportPath)}\n`)
  // Last: where it cannot be written, the Run is saved and named all the same.
  await writeJson(options.json, serializeRun(run))
  if (failure !== undefined) throw failure
}
