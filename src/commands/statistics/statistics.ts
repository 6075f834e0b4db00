import { Command } from 'commander'
import { pullCommand } from './pull.ts'
import { pushCommand } from './push.ts'
import { statusCommand } from './status.ts'

const help = `
Examples:
  $ forgebench statistics status --db http://127.0.0.1:8080
  $ forgebench statistics pull --db file:app.db --out stats.json
  $ forgebench statistics push --db http://127.0.0.1:8080 --analyze --sql queries.sql`

/** `forgebench statistics`: what the planner of a database knows of its data, and how to give it more. */
export const statisticsCommand = (): Command =>
  new Command('statistics')
    .summary('what the planner knows of a database; ANALYZE for servers')
    .description(
      'Says what the query planner of a database knows of its data (sqlite_stat1), and replaces it where the database cannot do it itself: libSQL servers refuse ANALYZE.',
    )
    .addHelpText('after', help)
    .addCommand(statusCommand())
    .addCommand(pullCommand())
    .addCommand(pushCommand())
