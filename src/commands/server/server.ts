import { Command } from 'commander'
import { startCommand } from './start.ts'
import { statusCommand } from './status.ts'
import { stopCommand } from './stop.ts'
import { tokenCommand } from './token.ts'

const help = `
Servers have names, «default» without one. Each has a folder for its files and logs, below the
cache folder.

Examples:
  $ forgebench server start --db file:app.db
  $ forgebench server start staging --auth --replica
  $ forgebench server status
  $ forgebench server stop staging --remove`

/** `forgebench server`: real libSQL servers on this machine. */
export const serverCommand = (): Command =>
  new Command('server')
    .summary('start and stop a libSQL server (sqld) here')
    .description('Runs real libSQL servers on this machine, on loopback addresses, until they are stopped.')
    .addHelpText('after', help)
    .addCommand(startCommand())
    .addCommand(stopCommand())
    .addCommand(statusCommand())
    .addCommand(tokenCommand())
