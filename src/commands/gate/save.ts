import { relative } from 'node:path'
import { Command } from 'commander'
import { asBaseline, defaultBaselinePath, saySame, serializeBaseline } from '../../run/gate/baseline-file.ts'
import type { Run } from '../../run/run.ts'
import { serializeRun, writeRunFile } from '../../run/write.ts'
import { cacheOption, decimalNumber, print, wholeNumber, writeJson, type JsonOption } from '../console.ts'
import { countScenarios, readBaselineIfThere, scenariosOf } from './baseline.ts'
import { storedRunOption } from './options.ts'

interface SaveFlags {
  readonly baseline: string
  readonly scale?: number
  readonly seed?: number
  readonly json?: JsonOption
}

/** Large enough that plans are those of real data, small enough that a pipeline without a cache waits for seconds. */
const defaultScale = 0.1
const defaultSeed = 1

/** `forgebench gate save`: stores what `forgebench gate counters` compares. */
export const saveCommand = (): Command =>
  cacheOption(
    new Command('save')
      .summary('store plans, answers, counters and sizes for gate counters')
      .description(
        'Measures plans, answers, counters and sizes twice and stores what repeats, for forgebench gate counters. Commit the file. It stays as it is where nothing changed.',
      )
      .argument(
        '[scenario...]',
        'ids (default: those of the file that is there, else ours), or paths: files of your own are always named',
      )
      .addOption(storedRunOption('the file to write').default(defaultBaselinePath))
      .option(
        '--scale <n>',
        `size of the data (default: that of the file that is there, else ${defaultScale})`,
        decimalNumber(0.01, 100),
      )
      .option(
        '--seed <n>',
        `seed of data and arguments (default: that of the file that is there, else ${defaultSeed})`,
        wholeNumber(0, 2 ** 32 - 1),
      )
      .option('--json [file]', 'also write the Run to another file, or to stdout in place of the text'),
  )
    .addHelpText('after', '\nExample:\n  $ forgebench gate save && git add reports/baseline.json')
    .action(save)

/** @throws what cut the measurement short; nothing is written then */
async function save(ids: readonly string[], flags: SaveFlags): Promise<void> {
  const { baseline: path, scale, seed } = flags
  const before = await readBaselineIfThere(path)
  const scenarios = await scenariosOf(ids, before, path)
  const { run, failure } = await countScenarios(scenarios, {
    passes: 2,
    scale: scale ?? before?.settings.scale ?? defaultScale,
    seed: seed ?? before?.settings.seed ?? defaultSeed,
  })
  if (failure !== undefined) throw failure
  const baseline = asBaseline(run)
  const upToDate = before !== undefined && saySame(before, baseline)
  if (!upToDate) await writeRunFile(path, baseline, serializeBaseline(baseline))
  if (flags.json !== true) print(savedText(path, upToDate, baseline, before))
  await writeJson(flags.json, serializeRun(baseline))
}

function savedText(path: string, upToDate: boolean, run: Run, before: Run | undefined): string {
  const { scale, seed } = run.settings
  const ids = run.scenarios.map(({ id }) => id)
  const gone = before?.scenarios.map(({ id }) => id).filter((id) => !ids.includes(id)) ?? []
  const unsteady = run.scenarios.flatMap(({ id, evidence }) =>
    evidence.flatMap(({ operation, variant, unsteady: names }) =>
      names === undefined ? [] : [`${id}/${operation} on ${variant}: ${names.join(', ')}`],
    ),
  )
  return [
    `Baseline: ${relative('.', path)}${upToDate ? ' says so already, nothing changed' : ''} (${ids.join(', ')}; scale ${scale}, seed ${seed})`,
    ...(gone.length === 0 ? [] : [`no longer in it: ${gone.join(', ')}`]),
    ...unsteady.map((line) => `did not repeat, and will not be judged exactly: ${line}`),
  ].join('\n')
}
