import { expect, test } from 'vitest'
import { driverNames, driverVersions, loadDriver } from './drivers.ts'

test('every driver is there by its name, with versions of its own', async () => {
  const versions = await driverVersions([...driverNames, ...driverNames])
  expect(Object.keys(versions)).toEqual(driverNames)
  for (const name of driverNames) {
    expect(versions[name]?.version).toMatch(/^\d+\.\d+/)
    expect(versions[name]?.sqlite).toMatch(/^3\.\d+/)
  }
})

test('drivers of the embedded engine say so: its plans and counters are theirs', async () => {
  for (const name of ['libsql', '@libsql/client'] as const)
    expect((await loadDriver(name)).usesEmbeddedLibsql).toBe(true)
})
