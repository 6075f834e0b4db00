import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Clock } from '../../../src/measure/clock.ts'
import { loadScenario } from '../../../src/scenario/load.ts'
import type { Connection } from '../../../src/target/connection.ts'
import { NativeConnection } from '../../../src/target/native.ts'
import { campaignSubject } from '../records/cells.ts'
import { referenceDatasets } from '../../../src/reference/dataset.ts'
import { withSlowdown, inactive, withExtraWork, type InjectedSlowdown } from './injected-slowdown.ts'

/** A clock that a statement turns forward by its duration; every look at it costs a nanosecond. */
function timedFake(): {
  readonly clock: Clock
  readonly connection: Connection
  lookNs: number
  nextNs: number
} {
  let nowNs = 0
  const fake = {
    lookNs: 1,
    nextNs: 1000,
    clock: { nowNs: () => (nowNs += fake.lookNs) },
    connection: {
      prepareTimed: (sql: string) => ({
        kind: 'sync' as const,
        run: () => {
          nowNs += fake.nextNs
          return sql.length
        },
      }),
      close() {
        return this === fake.connection
      },
    } as unknown as Connection,
  }
  return fake
}

/** How long a sample takes by the clock of the slice, without its one look. */
function sample(fake: ReturnType<typeof timedFake>, connection: Connection, sql: string): number {
  const timed = connection.prepareTimed(sql)
  if (timed.kind !== 'sync') throw new Error('timed statements of the fake are synchronous')
  const before = fake.clock.nowNs()
  expect(timed.run([])).toBe(sql.length)
  return fake.clock.nowNs() - before - fake.lookNs
}

describe('a slowdown', () => {
  test('of delay makes each sample longer by a share of its own time', () => {
    const fake = timedFake()
    const slower = withSlowdown(fake.connection, { sql: 'Q1', kind: 'delay', share: 0.1 }, fake.clock)
    for (const ns of [1000, 1500]) {
      fake.nextNs = ns
      expect(sample(fake, slower, 'Q1') / ns).toBeCloseTo(1.1, 2)
      expect(sample(fake, slower, 'Q2')).toBe(ns)
    }
  })

  test('of delay does not wait long for a sample that waited for the processor itself', () => {
    const fake = timedFake()
    const slower = withSlowdown(fake.connection, { sql: 'Q1', kind: 'delay', share: 0.1 }, fake.clock)
    const timed = slower.prepareTimed('Q1')
    if (timed.kind !== 'sync') throw new Error('timed statements of the fake are synchronous')
    void timed.run([])
    fake.nextNs = 1_000_000
    const before = fake.clock.nowNs()
    void timed.run([])
    expect(fake.clock.nowNs() - before).toBeLessThan(1_000_000 + 500)
  })

  test('of the slowest samples adds half of the median to them, however long they are, once it knows them', () => {
    const fake = timedFake()
    const slowdown: InjectedSlowdown = { sql: 'Q1', kind: 'tail', share: 0.5, slowest: 0.07 }
    const timed = withSlowdown(fake.connection, slowdown, fake.clock).prepareTimed('Q1')
    if (timed.kind !== 'sync') throw new Error('timed statements of the fake are synchronous')
    const samples = Array.from({ length: 6000 }, (_, i) => {
      // Durations 10,000 to 19,990 in an order that repeats after a thousand samples; one in fifty is interrupted.
      fake.nextNs = i % 50 === 0 ? 5e6 : 10_000 + 10 * ((i * 387) % 1000)
      const before = fake.clock.nowNs()
      timed.run([])
      return { ns: fake.nextNs, waitedNs: fake.clock.nowNs() - before - fake.nextNs }
    })
    expect(Math.max(...samples.slice(0, 1000).map(({ waitedNs }) => waitedNs))).toBeLessThan(10)
    const known = samples.slice(2000)
    const slowed = known.filter(({ waitedNs }) => waitedNs > 10)
    expect(slowed.length / known.length).toBeCloseTo(0.07, 2)
    expect(Math.min(...slowed.map(({ ns }) => ns))).toBeGreaterThan(19_000)
    expect(slowed.some(({ ns }) => ns === 5e6)).toBe(true)
    for (const { waitedNs } of slowed) expect(waitedNs / 7500).toBeCloseTo(1, 1)
  })

  test('of the slowest samples keeps to its share in a wild second, and looking for them costs both sides alike', () => {
    const slowdown: InjectedSlowdown = { sql: 'Q1', kind: 'tail', share: 0.5, slowest: 0.03 }
    const run = (of: InjectedSlowdown) => {
      const fake = timedFake()
      const timed = withSlowdown(fake.connection, of, fake.clock).prepareTimed('Q1')
      if (timed.kind !== 'sync') throw new Error('timed statements of the fake are synchronous')
      return Array.from({ length: 4000 }, (_, i) => {
        // From the 3000th on, all samples take twice as long.
        fake.nextNs = (i < 3000 ? 10_000 : 20_000) + ((i * 387) % 1000)
        const before = fake.clock.nowNs()
        timed.run([])
        return fake.clock.nowNs() - before - fake.nextNs
      })
    }
    const wild = run(slowdown).slice(3000, 3200)
    expect(wild.filter((waitedNs) => waitedNs > 100).length).toBeLessThan(0.05 * wild.length)
    const watching = run(inactive(slowdown))
    expect(Math.max(...watching) - Math.min(...watching)).toBeLessThanOrEqual(1)
    expect(Math.min(...run(slowdown))).toBe(Math.min(...watching))
    expect(inactive({ sql: 'Q1', kind: 'delay', share: 0.1 })).toEqual({ sql: 'Q1', kind: 'none' })
  })

  test('leaves the rest of the connection as it is', () => {
    const fake = timedFake()
    const none = withSlowdown(fake.connection, { sql: 'Q1', kind: 'none' }, fake.clock)
    expect(sample(fake, none, 'Q1')).toBe(fake.nextNs)
    expect(none.close()).toBe(true)
  })
})

describe('more SQL work', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forgebench-slowdown-'))
  let connection: NativeConnection
  beforeAll(async () => {
    connection = new NativeConnection(join(folder, 'slowdown.db'))
    await connection.execute(
      'CREATE TABLE test_results (id INTEGER, evaluation_id TEXT, score REAL, passed INT, created_at TEXT)',
    )
    await connection.execute(
      `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)
       INSERT INTO test_results SELECT i, 'e' || (i % 5), i / 500.0, i % 2, printf('%04d', (i * 7919) % 500) FROM n`,
    )
  })
  afterAll(() => {
    connection.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([
    'SELECT * FROM test_results WHERE evaluation_id = ? ORDER BY created_at DESC LIMIT 20',
    'SELECT AVG(score) FROM test_results WHERE evaluation_id = ? AND passed = 1',
  ])('returns the rows of %s', (sql) => {
    for (const rows of [0, 75, 5000]) {
      for (const args of [['e1'], ['nobody']]) {
        expect(connection.querySync(withExtraWork(sql, rows), args)).toEqual(connection.querySync(sql, args))
      }
    }
  })

  test('is done once in every execution', () => {
    const sql = 'SELECT id FROM test_results WHERE evaluation_id = ? LIMIT 20'
    const plan = connection.querySync(`EXPLAIN QUERY PLAN ${withExtraWork(sql, 100)}`, ['e1']).rows
    const words = plan.map((row) => String(row.at(-1))).join('\n')
    expect(words).toContain('SCALAR SUBQUERY')
    expect(words).not.toContain('CORRELATED')
  })

  test('fits the statements of the campaign, which are read and can stand in parentheses', async () => {
    const { scenario } = await loadScenario(campaignSubject.scenario, referenceDatasets)
    for (const id of campaignSubject.operations) {
      const operation = scenario.operations.find((each) => each.id === id)
      expect(operation?.kind).toBe('read')
      expect(operation?.sql).toMatch(/^\s*SELECT[^;]+$/)
    }
  })
})
