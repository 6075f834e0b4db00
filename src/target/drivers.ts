import type { Driver, DriverVersions } from './driver.ts'

/** Every driver by the name that scenarios and Runs give it. Each is loaded when it is asked for: it brings its package. */
const drivers = {
  libsql: () => import('./drivers/libsql.ts'),
  '@libsql/client': () => import('./drivers/libsql-client.ts'),
} satisfies Readonly<Record<string, () => Promise<{ readonly driver: Driver }>>>

/** The drivers a number can come from; printed beside every number. */
export type DriverName = keyof typeof drivers

export const driverNames = Object.keys(drivers) as [DriverName, ...DriverName[]]

/** The engine itself, which also makes the databases: what is measured through where nothing else is said. */
export const defaultDriver: DriverName = 'libsql'

/** Loads a driver. @throws UsageError DRIVER_MISSING where it or its package is not there */
export const loadDriver = async (name: DriverName): Promise<Driver> => (await drivers[name]()).driver

/** The versions of drivers, each once. Throws as `loadDriver`. */
export async function driverVersions(
  names: Iterable<DriverName>,
): Promise<Readonly<Record<string, DriverVersions>>> {
  const found: Record<string, DriverVersions> = {}
  for (const name of new Set(names)) found[name] = await (await loadDriver(name)).versions()
  return found
}
