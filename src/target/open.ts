import type { Connection } from './connection.ts'
import { loadDriver, type DriverName } from './drivers.ts'
import type { OpenOptions } from './embedded-database.ts'

/**
 * Opens one connection to a database file through the named driver.
 * @throws TargetError with a stable code; UsageError DRIVER_MISSING
 */
export const openFile = async (
  path: string,
  driver: DriverName,
  options: OpenOptions = {},
): Promise<Connection> => (await loadDriver(driver)).open(path, options)
