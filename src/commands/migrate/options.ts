import { Command } from 'commander'
import type { JsonOption } from '../console.ts'

export interface DatabaseOptions {
  readonly db: string
  readonly authTokenEnv?: string
  readonly json?: JsonOption
}

export const jsonHelp = 'also write the result to a file, or to stdout in place of the text'

export const example = (line: string): string => `\nExample:\n  forgebench migrate ${line}`

/** A mode of `migrate` that works on one database. */
export const databaseCommand = (name: string, summary: string): Command =>
  new Command(name)
    .summary(summary)
    .description(summary)
    .requiredOption(
      '--db <location>',
      'file:path/to/database.db, or a server: http://…, ws://… or libsql://…',
    )
    .option('--auth-token-env <name>', 'environment variable with a token for the server')
    .option('--json [file]', jsonHelp)
