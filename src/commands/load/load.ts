import { Command } from 'commander'
import { collectCommand } from './collect.ts'
import { compareCommand } from './compare.ts'
import { drawDataCommand } from './draw-data.ts'
import { operatorCommand } from './k6-operator.ts'
import { runCommand } from './run.ts'

const help = `
Without a command, run is meant; its options: forgebench load run --help

Examples:
  $ forgebench load --url http://127.0.0.1:8787 --rate 500 --duration 20
  $ forgebench load compare baseline composite
  $ forgebench load draw-data --db file:bench.db --profile ./my-profile.ts
  $ forgebench load k6-operator --url https://staging.example.org --parallelism 4 > load.yaml
  $ forgebench load collect pods.log`

/** `forgebench load`: a command for each thing to do with a load; `run` is meant where none is named. */
export const loadCommand = (): Command =>
  new Command('load')
    .summary('put load on a running API')
    .description(
      'Sends a load profile to a running API, accounts for every request, and says whether the thresholds hold.',
    )
    .addHelpText('after', help)
    .addCommand(runCommand(), { isDefault: true })
    .addCommand(compareCommand())
    .addCommand(operatorCommand())
    .addCommand(collectCommand())
    .addCommand(drawDataCommand())
