import { expect, test } from 'vitest'
import { driversHere } from '../../fixtures/drivers.ts'
import { describeDrivers, loadDriver } from './drivers.ts'

test('every driver that is here has versions of its own', async () => {
  const { here } = await driversHere()
  const versions = await describeDrivers([...here, ...here])
  expect(Object.keys(versions)).toEqual(here)
  for (const name of here) {
    expect(versions[name]?.version).toMatch(/^\d+\.\d+/)
    expect(versions[name]?.sqlite).toMatch(/^3\.\d+/)
  }
})

test('drivers of the embedded engine say so: its plans and counters are theirs', async () => {
  for (const name of ['libsql', '@libsql/client'] as const)
    expect((await loadDriver(name)).usesEmbeddedLibsql).toBe(true)
})
