import { Command } from 'commander'
import { readToken } from '../../load/target/token.ts'
import { openPlannerDatabase, type PlannerDatabase } from '../../statistics/planner-database.ts'

export interface DatabaseFlags {
  readonly db: string
  readonly authTokenEnv?: string
}

/** A command on the statistics of one database. */
export const databaseCommand = (name: string, summary: string, description: string): Command =>
  new Command(name)
    .summary(summary)
    .description(description)
    .requiredOption(
      '--db <location>',
      'file:app.db, the URL of a libSQL server, or replica:app.db?sync=<url>',
    )
    .option('--auth-token-env <name>', "environment variable with the server's token")

/** Opens the database of `--db` for `work`, and closes it. Throws as `openPlannerDatabase`. */
export async function withPlannerDatabase<T>(
  { db, authTokenEnv }: DatabaseFlags,
  access: 'read' | 'write',
  work: (database: PlannerDatabase, authToken: string | undefined) => Promise<T>,
): Promise<T> {
  const authToken = readToken(authTokenEnv ?? null, process.env)
  const database = await openPlannerDatabase(db, authToken, access)
  try {
    return await work(database, authToken)
  } finally {
    database.close()
  }
}
