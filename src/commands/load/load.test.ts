import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { forgebench } from '../../../fixtures/cli/forgebench.ts'
import { countPrompts, lenient, LoadBench, sumOf, unaccounted } from '../../../fixtures/cli/load-bench.ts'
import { hasK6 } from '../../../fixtures/load/has-k6.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { parseRun } from '../../run/read.ts'

const committedData = fileURLToPath(new URL('../../../scenarios/load/prompts-api.data.json', import.meta.url))

const bench = new LoadBench()
beforeAll(() => bench.prepare())
afterEach(() => bench.stopServing())
afterAll(() => bench.remove())

const engines = [
  ['open', ['--rate', '60'], true],
  ['open', ['--users', '24'], true],
  ['autocannon', ['--rate', '60'], true],
  ['autocannon', ['--connections', '1'], true],
  ['k6', ['--rate', '60'], hasK6],
] as const

describe.each(engines)('forgebench load --engine %s %j', (engine, how, isThere) => {
  const needs = engine === 'k6' ? ' (needs k6)' : ''
  test.skipIf(!isThere)(
    `ends with a verdict, a Run, and every created row in the database${needs}`,
    async () => {
      const { api, db } = await bench.serve()
      const before = countPrompts(db)
      const out = `out-${engine}-${how[0]}`
      const target = ['--url', api.url, '--db', `file:${db}`, '--out', out]
      const sending = ['--engine', engine, ...how, '--duration', '4', ...lenient('list', 'create')]
      const { status, stdout, stderr } = await bench.load([...target, ...sending])
      expect(stderr).toContain('IT WRITES: POST create')
      expect(stdout).toMatch(/^PASS /m)
      expect(status).toBe(0)
      const { run, folder } = bench.runIn(out)
      expect(unaccounted(run)).toEqual([])
      const created = run.measurement.created['prompts'] ?? 0
      expect(created).toBeGreaterThan(0)
      expect(countPrompts(db) - before).toBe(created)
      expect(run.reconciliation).toEqual({
        received: sumOf(run, 'sent'),
        rows: [{ table: 'prompts', acknowledged: created, found: created }],
      })
      expect(run).toMatchObject({
        status: 'complete',
        target: { url: api.url },
        settings: { engine, seed: 1 },
      })
      expect(readFileSync(join(folder, 'report.md'), 'utf8')).toContain('PASS')
      const log = readdirSync(folder).find((name) => name.endsWith('.hlog')) ?? ''
      expect(readFileSync(join(folder, log), 'utf8')).toContain('Tag=list,')
    },
  )
})

describe('forgebench load', () => {
  test('every kind of request of the full mix is answered as the profile expects', async () => {
    const { api, db } = await bench.serve()
    const args = ['--url', api.url, '--mix', 'full', '--rate', '200', '--duration', '3', '--db', `file:${db}`]
    await bench.load([...args, '--out', 'out-full'])
    const { run } = bench.runIn('out-full')
    expect(run.profile.requests).toHaveLength(10)
    for (const { op, status } of run.profile.requests) {
      const entry = run.measurement.accounting.find((each) => each.op === op)
      expect(entry, op).toMatchObject({ answered: { [status]: entry?.planned } })
    }
    const missing = run.reconciliation.rows.map(({ table, acknowledged, found }) => [
      table,
      acknowledged - found,
    ])
    expect(missing).toEqual([
      ['prompts', 0],
      ['evaluations', 0],
    ])
  })

  test('--json puts the Run in place of the table, and a failed threshold ends with 1', async () => {
    const { api } = await bench.serve()
    const thresholds = [...lenient(), '--threshold', 'http_reqs=count>1000000']
    const args = [
      '--url',
      api.url,
      '--mix',
      'reads',
      '--rate',
      '50',
      '--duration',
      '2',
      '--json',
      '--out',
      'out-json',
    ]
    const { status, stdout, stderr } = await bench.load([...args, ...thresholds])
    const run = parseRun(stdout, 'stdout') as LoadRun
    expect(run.id).toBe(bench.runIn('out-json').run.id)
    // Those of the profile on kinds of requests that this mix has not are left out.
    expect(run.thresholds).toEqual([
      { metric: 'http_req_failed', expression: 'rate<0.001' },
      { metric: 'http_req_duration', expression: 'med<60000' },
      { metric: 'http_reqs', expression: 'count>1000000' },
    ])
    expect(stderr).toContain('nothing is written')
    expect(status).toBe(1)
  })

  test('draw-data prints the committed rows from the data of seed 1 at scale 0.25, and others from another seed', async () => {
    const draw = (...args: readonly string[]) =>
      forgebench(['load', 'draw-data', '--db', `file:${bench.seeded}`, ...args], { cwd: bench.folder })
    const drawn = await draw()
    expect(drawn).toEqual({ status: 0, stderr: '', stdout: readFileSync(committedData, 'utf8') })
    expect((await draw('--seed', '2', '--out', 'other.json')).stdout).toBe('')
    const other = readFileSync(join(bench.folder, 'other.json'), 'utf8')
    expect(Object.keys(JSON.parse(other) as object)).toEqual(Object.keys(JSON.parse(drawn.stdout) as object))
    expect(other).not.toBe(drawn.stdout)
  })
})
