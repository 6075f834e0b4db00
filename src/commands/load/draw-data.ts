import { Command } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { drawLoadData } from '../../engine/load/draw-load-data.ts'
import { readToken } from '../../load/target/token.ts'
import { loadProfile } from '../../scenario/load-profile/load-profile-file.ts'
import { openReader } from '../../target/open-reader.ts'
import { wholeNumber } from '../console.ts'
import { profileOption } from './options.ts'
import { printTo } from './result.ts'

interface DrawDataFlags {
  readonly db: string
  readonly dbAuthTokenEnv?: string
  readonly profile: string
  readonly seed: number
  readonly out?: string
}

/** `forgebench load draw-data`: the rows that a profile makes its requests of. */
export const drawDataCommand = (): Command =>
  new Command('draw-data')
    .summary('draw the rows of a profile from the database behind the API')
    .description(
      'Draws the rows that a load profile makes its requests of, with the skew that they have in the database, and prints them as JSON.',
    )
    .requiredOption('--db <location>', 'the database to draw from: file:bench.db, or the URL of a server')
    .option('--db-auth-token-env <name>', 'environment variable with the token for --db')
    .addOption(profileOption())
    .option('--seed <n>', 'which rows', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--out <file>', 'where the rows go (default: stdout)')
    .addHelpText(
      'after',
      '\nExample:\n  $ forgebench load draw-data --db file:bench.db --profile ./p.ts --out p.data.json',
    )
    .action(drawData)

async function drawData(flags: DrawDataFlags): Promise<void> {
  const { profile, shown } = await loadProfile(flags.profile)
  if (Object.keys(profile.data?.tables ?? {}).length === 0) {
    throw new UsageError(
      'NOTHING_TO_DRAW',
      `${shown} names no tables to draw from (data.tables): it needs no rows`,
    )
  }
  const token = readToken(flags.dbAuthTokenEnv ?? null, process.env, '--db-auth-token-env')
  const reader = await openReader(flags.db, token)
  try {
    await printTo(flags.out, await drawLoadData(reader, profile, flags.seed))
  } finally {
    reader.close()
  }
}
