import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fakeSweep, loadedSweep } from '../../../fixtures/sweeps/fake-sweep.ts'
import { InvalidMeasurementError } from '../../core/errors.ts'
import { NativeConnection } from '../../target/native.ts'
import { parseRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import type { Sweep } from '../../scenario/sweep/sweep.ts'
import { measureSweeps, type SweepOptions, type SweepOutcome } from './measure-sweeps.ts'
import type { RunSweepRound } from './take-sweep-rounds.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-sweep-'))
const database = join(root, 'app.db')

beforeAll(() => {
  process.env['FORGEBENCH_CACHE'] = join(root, 'cache')
  const connection = new NativeConnection(database)
  connection.scriptSync('CREATE TABLE orders (id TEXT PRIMARY KEY); INSERT INTO orders VALUES (1)')
  connection.close()
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  rmSync(root, { recursive: true, force: true })
})

/** Latency and throughput grow with the workers, by a little noise of the round. */
const instant: RunSweepRound = async ({ order, round }) => ({
  values: order.map((point) => {
    const workers = Number(point.split('-')[1])
    return { point, values: { perSecond: 100 * workers + round, p95: workers, failed: 0 } }
  }),
  delays: [{ delayMs: 20, addedMs: [20, 20.5, 21] }],
  servers: ['sqld fake'],
})

const measure = (options: Partial<SweepOptions> = {}, sweep: Partial<Sweep> = {}): Promise<SweepOutcome> =>
  measureSweeps(
    [
      {
        ...loadedSweep({ ...(fakeSweep as Sweep), ...sweep }),
        dataset: { name: 'orders', fill: { kind: 'file', path: database } },
      },
    ],
    '0.0.0',
    {
      seed: 1,
      maxSeconds: 60,
      emit: () => undefined,
      signal: new AbortController().signal,
      runRound: instant,
      ...options,
    },
  )

describe('measureSweeps', () => {
  test('takes six rounds, every point once in each, in orders that differ, and writes what is read again', async () => {
    const { run, failure } = await measure()
    expect(failure).toBeUndefined()
    expect(parseRun(serializeRun(run), 'run.json')).toEqual(run)
    expect(run).toMatchObject({ kind: 'sweep', status: 'complete', settings: { analyses: [{ rounds: 6 }] } })
    const [sweep] = run.sweeps
    expect(sweep).toMatchObject({ scale: 0.05, seconds: 1, complete: true, servers: ['sqld fake'] })
    expect(sweep?.points.map(({ versus }) => versus)).toEqual([null, 'workers-1', 'workers-1'])
    expect(sweep?.delays).toEqual([{ delayMs: 20, samples: 18, p50Ms: 20.5, p99Ms: 21 }])
    const orders = sweep?.rounds.map(({ points }) => points.map(({ point }) => point)) ?? []
    expect(orders).toHaveLength(6)
    for (const order of orders) expect(order.toSorted()).toEqual(['workers-1', 'workers-2', 'workers-4'])
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1)
    expect(readdirSync(join(root, 'cache', 'stages')).filter((name) => name.startsWith('clones'))).toEqual([])
  })

  test('keeps the rounds before a failure or an interruption, as a partial run', async () => {
    const broken = await measure({
      runRound: async (task, signal) => {
        if (task.round === 3) throw new InvalidMeasurementError('SWEEP_VALUE', 'no number')
        return instant(task, signal)
      },
    })
    expect(broken).toMatchObject({ failure: { code: 'SWEEP_VALUE' }, run: { status: 'partial' } })
    expect(broken.run.sweeps[0]).toMatchObject({ complete: false, rounds: [{ round: 1 }, { round: 2 }] })

    const stop = new AbortController()
    const interrupted = await measure({
      signal: stop.signal,
      runRound: async (task, signal) => {
        stop.abort()
        return instant(task, signal)
      },
    })
    expect(interrupted).toMatchObject({ failure: { code: 'INTERRUPTED' }, run: { status: 'partial' } })
    expect(interrupted.run.sweeps[0]?.rounds).toHaveLength(1)
  })

  test('without a single round there is no sweep in the run', async () => {
    const { run, failure } = await measure({ signal: AbortSignal.abort() })
    expect(run.sweeps).toEqual([])
    expect(failure).toMatchObject({ code: 'INTERRUPTED' })
  })

  test('measures the file of a user in processes of its own, on a copy', async () => {
    const path = join(root, 'copies.mjs')
    writeFileSync(
      path,
      `import { defineSweep } from 'forgebench'
export default defineSweep({
  title: 't', why: 'w', fresh: 'point', claims: [], points: [{ id: 'one', title: 'one' }],
  metrics: [{ id: 'rows', title: 'rows', unit: 'rows', better: 'neither' }],
  measure: async (_, { target }) => {
    const file = await target({ kind: 'file' })
    await file.batch([{ sql: 'INSERT INTO orders VALUES (?)', args: ['b'] }, { sql: 'INSERT INTO orders VALUES (?)', args: ['c'] }])
    await file.transaction((inside) => inside.execute('DELETE FROM orders WHERE id = ?', ['b'])) 
    const [[rows]] = await file.query('SELECT count(*) FROM orders')
    return { rows }
  },
})
`,
    )
    const { run, failure } = await measureSweeps(
      [
        {
          ...loadedSweep({ ...(fakeSweep as Sweep), points: [{ id: 'one', title: 'one', setting: null }] }),
          path,
          dataset: { name: 'orders', fill: { kind: 'file', path: database } },
        },
      ],
      '0.0.0',
      {
        seed: 1,
        rounds: 1,
        maxSeconds: 60,
        emit: () => undefined,
        signal: new AbortController().signal,
      },
    )
    expect(failure).toBeUndefined()
    expect(run.sweeps[0]?.rounds[0]?.points).toEqual([{ point: 'one', values: { rows: 2 } }])
  })
})
