import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copySeeded } from '../../../fixtures/cache/shared-cache.ts'
import { referenceDatasets } from '../../reference/dataset.ts'
import { listSweeps } from '../../scenario/built-in.ts'
import { loadSweep } from '../../scenario/sweep/load-sweep.ts'
import { findSqld } from '../../target/server/sqld-process.ts'
import { sweepRound, type SweepRoundResult } from './sweep-round.ts'
import { RoundWorld } from './sweep-world.ts'

const hasSqld = (await findSqld()) !== undefined
const root = mkdtempSync(join(tmpdir(), 'forgebench-sweeps-'))
const databasePath = join(root, 'seeded.db')

beforeAll(async () => {
  if (hasSqld) await copySeeded(databasePath, { scale: 0.01, seed: 1, ids: 'v4' })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** One round of some points of a sweep of ours, with as little load as there can be. */
async function round(id: string, order: readonly string[]): Promise<SweepRoundResult> {
  const { path, sweep } = await loadSweep(id, referenceDatasets)
  const folder = mkdtempSync(join(root, 'round-'))
  const task = { id, path, round: 1, order, seed: 1, seconds: 0.2, databasePath, folder }
  return sweepRound(task, sweep, new RoundWorld(task))
}

const valuesAt = ({ values }: SweepRoundResult, at: string) =>
  values.find(({ point }) => point === at)?.values

test('every sweep that comes with forgebench is valid', async () => {
  const ids = (await listSweeps()).map(({ id }) => id)
  expect(ids).toContain('server/pool')
  for (const id of ids) await expect(loadSweep(id, referenceDatasets)).resolves.toMatchObject({ id })
})

describe.skipIf(!hasSqld)('sweeps on servers (need sqld)', () => {
  test('reads and writes through pools, and leaves nothing behind', async () => {
    const found = await round('server/pool', ['reads-4', 'writes-4', 'ws-10', 'batch-1'])
    for (const { values } of found.values) expect(values['failed'] ?? 0).toBe(0)
    expect(found.servers).toEqual([expect.stringMatching(/^sqld /)])
    expect(existsSync(databasePath)).toBe(true)
  })

  test('is made to wait for every round trip: nothing comes through the proxy too early', async () => {
    const found = await round('server/batching', ['one-by-one', 'batch'])
    expect(valuesAt(found, 'one-by-one')?.['ms40']).toBeGreaterThanOrEqual(20 * 40)
    expect(valuesAt(found, 'batch')?.['ms40']).toBeGreaterThanOrEqual(40)
    expect(found.delays.map(({ delayMs }) => delayMs)).toEqual([0, 5, 20])
  })

  test('shows a replica what others wrote after a sync', async () => {
    const found = await round('server/replica', ['replica-40', 'server-40'])
    expect(valuesAt(found, 'replica-40')).toMatchObject({ frames: expect.any(Number) })
    expect(valuesAt(found, 'replica-40')?.['frames']).toBeGreaterThan(0)
    expect(valuesAt(found, 'server-40')).toMatchObject({ stale: null })
  })

  test('comes through cut connections and a killed server with keys, without a row twice or lost', async () => {
    const found = await round('server/retry', ['cut-keys', 'restart-keys'])
    for (const { values } of found.values) expect(values).toMatchObject({ twice: 0, lost: 0 })
  })

  test('measures distances and protocols', async () => {
    expect((await round('server/region', ['ms-5'])).values).toHaveLength(1)
    const protocols = await round('server/protocol', ['http', 'ws', 'replica', 'file'])
    for (const { values } of protocols.values) expect(values['reads']).toBeGreaterThan(0)
  })
})
