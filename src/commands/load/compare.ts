import { Command, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { comparisonDefaults, type CompareVariantsOptions } from '../../engine/compare/prepared-comparison.ts'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import { refuseClosedFolder } from '../../run/files/out-folder.ts'
import { decimalNumber, wholeNumber } from '../console.ts'
import { interruptSignal } from '../interruption.ts'
import { projectDatasets } from '../project.ts'
import {
  arrivalsOption,
  mixOption,
  outOptions,
  profileOption,
  rateOption,
  seedOption,
  timeoutOption,
  type OutFlags,
} from './options.ts'
import { loadProgress } from './progress.ts'
import { showComparison } from './result.ts'

interface CompareFlags extends OutFlags {
  readonly scenario: string
  readonly profile: string
  readonly mix?: string
  readonly engine?: CompareVariantsOptions['engine']
  readonly rate?: number
  readonly arrivals: 'uniform' | 'poisson'
  readonly connections: number
  readonly duration: number
  readonly rounds: number
  readonly timeout: number
  readonly scale: number
  readonly seed: number
}

/** `forgebench load compare`: variants of a schema under load. */
export const compareCommand = (): Command =>
  outOptions(
    new Command('compare')
      .summary('serve variants of a schema and load them in turns')
      .description(
        'Serves variants of a scenario by the API of its dataset, side by side on this machine, and loads them in turns with the same requests: the highest throughput, or latency at --rate.',
      )
      .argument('<variant...>', 'two or more; the first is what others are compared with')
      .option('--scenario <id>', 'the scenario that has the variants', 'indexes/composite')
      .addOption(profileOption())
      .addOption(mixOption())
      .addOption(
        new Option('--engine <name>', 'what sends; default: autocannon, with --rate open').choices([
          'open',
          'autocannon',
        ]),
      )
      .addOption(rateOption('as fast as answers allow'))
      .addOption(arrivalsOption())
      .option('--connections <n>', 'held open', wholeNumber(1, 200_000), comparisonDefaults.connections)
      .option('--duration <s>', 'seconds of all slices', decimalNumber(1, 86_400), comparisonDefaults.seconds)
      .option(
        '--rounds <n>',
        'fresh processes; 6 or more give 95 % intervals',
        wholeNumber(1, 100),
        comparisonDefaults.rounds,
      )
      .addOption(timeoutOption())
      .option('--scale <n>', 'size of the data behind the variants', decimalNumber(0.01, 100), 1)
      .addOption(seedOption()),
  )
    .addHelpText('after', '\nExample:\n  $ forgebench load compare baseline composite --duration 60')
    .action(compare)

async function compare(variants: readonly string[], flags: CompareFlags, command: Command): Promise<void> {
  if (flags.rate === undefined && command.getOptionValueSource('arrivals') === 'cli')
    throw new UsageError('LOAD_ARGUMENTS', '--arrivals spaces the arrivals of --rate; add --rate <n>')
  // Loaded when it is asked for: it brings the generator and the reference API.
  const { compareVariants } = await import('../../engine/compare/compare-variants.ts')
  const { rate, arrivals, duration, timeout, out, json: _json, ...chosen } = flags
  await refuseClosedFolder(out)
  const progress = loadProgress(process.stderr, duration)
  const outcome = await compareVariants({
    datasets: await projectDatasets(),
    ...chosen,
    mix: flags.mix,
    variants,
    engine: flags.engine ?? (rate === undefined ? 'autocannon' : 'open'),
    model:
      rate === undefined ? { kind: 'peak' } : { kind: 'open-model', ratePerSec: rate, spacing: arrivals },
    seconds: duration,
    timeoutMs: timeout,
    version: forgebenchVersion(),
    signal: interruptSignal(),
    emit: progress.listen,
  }).finally(progress.end)
  await showComparison(outcome, flags)
}
