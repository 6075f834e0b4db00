import { Command } from 'commander'
import { downCommand, upCommand } from './change.ts'
import { example } from './options.ts'
import { onlineCommand } from './online.ts'
import { statusCommand } from './status.ts'
import { verifyCommand } from './verify.ts'

/** `forgebench migrate up|down|status|verify|online`. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .summary('apply, revert and verify migrations')
    .description(
      'Brings a database to a schema of migrations/ and back, and proves that the way back works. Migrations are those of the dataset that forgebench.config.ts names (dataset), else of the reference, and of migrations/ in this folder or above it.',
    )
    .addHelpText('after', example('up composite-indexes --db file:app.db'))
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(statusCommand())
    .addCommand(verifyCommand())
    .addCommand(onlineCommand())
}
