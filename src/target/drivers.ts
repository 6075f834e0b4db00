import type { Driver, DriverVersions } from './driver.ts'

/** Every driver by the name that scenarios and Runs give it. Each is loaded when it is asked for: it brings its package. */
const drivers = {
  libsql: () => import('./drivers/libsql.ts'),
  '@libsql/client': () => import('./drivers/libsql-client.ts'),
  'better-sqlite3': () => import('./drivers/better-sqlite3.ts'),
  'node:sqlite': () => import('./drivers/node-sqlite.ts'),
  '@tursodatabase/database': () => import('./drivers/turso.ts'),
  sqld: () => import('./drivers/sqld.ts'),
  'sqld-ws': () => import('./drivers/sqld-ws.ts'),
  replica: () => import('./drivers/replica.ts'),
} satisfies Readonly<Record<string, () => Promise<{ readonly driver: Driver }>>>

/** The drivers a number can come from; printed beside every number. */
export type DriverName = keyof typeof drivers

export const driverNames = Object.keys(drivers) as [DriverName, ...DriverName[]]

/** The engine itself, which also makes the databases: what is measured through where nothing else is said. */
export const defaultDriver: DriverName = 'libsql'

/** Drivers that give the file to a libSQL server started for it, so that one connection has it for its own. */
export const serverDrivers = ['sqld', 'sqld-ws', 'replica'] as const satisfies readonly DriverName[]

/** Loads a driver. @throws UsageError DRIVER_MISSING where it or its package is not there */
export const loadDriver = async (name: DriverName): Promise<Driver> => (await drivers[name]()).driver

/** What a Run says of a driver. */
type DescribedDriver = DriverVersions & Pick<Driver, 'lacks'>

/** The versions of drivers and what their engines lack, each once. Throws as `loadDriver`. */
export async function describeDrivers(
  names: Iterable<DriverName>,
): Promise<Readonly<Record<string, DescribedDriver>>> {
  const found: Record<string, DescribedDriver> = {}
  for (const name of new Set(names)) {
    const driver = await loadDriver(name)
    found[name] = { ...(await driver.versions()), lacks: driver.lacks }
  }
  return found
}
