import { Command } from 'commander'
import { budgetsCommand } from './budgets.ts'
import { compareCommand } from './compare.ts'
import { countersCommand } from './counters.ts'
import { judgeCommand } from './judge.ts'
import { saveCommand } from './save.ts'

const help = `
Exit codes: 0 pass or improved, 1 a regression or a budget fails, 3 inconclusive, 4 invalid.

Examples:
  $ forgebench gate compare ./bench/orders.ts --baseline git:main:indexed
  $ forgebench gate budgets indexes/composite
  $ forgebench gate save && git add reports/baseline.json
  $ forgebench gate counters
  $ forgebench gate judge run.json`

/** `forgebench gate`: a command for each kind of gate, with the options that it reads and no others. */
export const gateCommand = (): Command =>
  new Command('gate')
    .summary('is the candidate slower than the baseline? Exit 0, 1 or 3')
    .description('Says whether a change may ship, and exits accordingly.')
    .addHelpText('after', help)
    .addCommand(compareCommand())
    .addCommand(budgetsCommand())
    .addCommand(countersCommand())
    .addCommand(saveCommand())
    .addCommand(judgeCommand())
