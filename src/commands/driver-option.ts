import type { Command } from 'commander'
import { closest } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'
import { driverNames, serverDrivers, type DriverName } from '../target/drivers.ts'

export interface DriverFlag {
  /** Through which all variants are measured; each through its own when absent. */
  readonly db?: DriverName
}

/** Adds `--db`, for commands that measure the variants of a scenario on databases made for them. */
export const driverOption = (command: Command): Command =>
  command.option(
    '--db <target>',
    `where: on libSQL servers (${serverDrivers.join(', ')}), or a driver`,
    driverOf,
  )

/** Whether that is a libSQL server, which counts rows. */
export const isServer = (db: DriverName | undefined): boolean => serverDrivers.some((name) => name === db)

/** @throws UsageError DB_OWN_SERVER, DB_FILE or DB_TARGET, with what to do in its place */
function driverOf(db: string): DriverName {
  const known = driverNames.find((name) => name === db)
  if (known !== undefined) return known
  const [scheme = ''] = db.toLowerCase().split(':')
  if (['http', 'https', 'ws', 'wss', 'libsql', 'replica'].includes(scheme) && db.includes(':')) {
    throw new UsageError(
      'DB_OWN_SERVER',
      `--db ${scheme}:… is a server of yours, and variants need databases of their own, which are not made there: --db sqld starts a libSQL server for each; forgebench gate compare reads two servers by their URLs`,
    )
  }
  if (scheme === 'file' || /[./\\]/.test(db)) {
    throw new UsageError(
      'DB_FILE',
      "--db takes no file here: variants are made from the data of the scenario; name the file there, as database: 'file:app.db', or as a side of forgebench gate compare",
    )
  }
  throw new UsageError(
    'DB_TARGET',
    `--db ${db}: no such target; did you mean ${closest(db, driverNames)}? There are ${driverNames.join(', ')}`,
  )
}
