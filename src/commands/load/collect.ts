import { Command } from 'commander'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import { outOptions, type OutFlags } from './options.ts'
import { showLoad } from './result.ts'

/** `forgebench load collect`: one Run of the parts of a load. */
export const collectCommand = (): Command =>
  outOptions(
    new Command('collect')
      .summary('merge what the parts of a load measured into one Run')
      .description(
        'Merges summaries or logs of k6 pods, or Runs of several machines that shared a load, into one Run with one verdict.',
      )
      .argument('<file...>', 'logs or summaries of pods, or Runs'),
  )
    .addHelpText('after', '\nExample:\n  $ forgebench load collect pods.log')
    .action(collect)

async function collect(files: readonly string[], flags: OutFlags): Promise<void> {
  const { collectLoad } = await import('../../load/collect/collect-load.ts')
  await showLoad(await collectLoad(files, forgebenchVersion()), flags)
}
