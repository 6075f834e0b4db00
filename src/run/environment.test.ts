import { afterEach, expect, test, vi } from 'vitest'
import { environmentStamp } from './environment.ts'
import { runSchema } from './run.ts'

const engine = { sqlite: '3.45.1', libsql: '0.5.29', client: '0.18.0' }
afterEach(() => vi.unstubAllEnvs())

test('the stamp of this machine fits into a Run', () => {
  const stamp = environmentStamp(engine)
  expect(runSchema.shape.environment.parse(stamp)).toEqual(stamp)
  expect(stamp.engine).toEqual(engine)
  expect(stamp.cpus).toBeGreaterThan(0)
})

test.each([
  ['true', true],
  ['1', true],
  ['false', false],
  ['', false],
])('CI=%j means ci: %j', (value, ci) => {
  vi.stubEnv('CI', value)
  expect(environmentStamp(engine).ci).toBe(ci)
})
