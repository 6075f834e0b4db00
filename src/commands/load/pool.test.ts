import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOnce, forgebench } from '../../../fixtures/cli/forgebench.ts'
import { answerOk, RawServer } from '../../../fixtures/load/raw-server.ts'
import { judgeLoad } from '../../judge/load/judge-load.ts'
import { hasK6 } from '../../../fixtures/load/has-k6.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { parseRun } from '../../run/read.ts'

const profile = fileURLToPath(new URL('../../../fixtures/load/steady-get.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'forgebench-pool-'))
const slow = await RawServer.start((request) => void setTimeout(() => answerOk(request), 300))

beforeAll(() => buildOnce())
afterAll(async () => {
  await slow.kill()
  rmSync(folder, { recursive: true, force: true })
})

/**
 * 60 requests a second for 5 s, after a second to warm up, on an endpoint that answers in 300 ms: 18 are under way at any
 * time. P95 of a load of few seconds is bounded by 288 requests.
 */
const load = (engine: string, ...more: readonly string[]) =>
  forgebench(
    [
      'load',
      '--url',
      slow.url,
      '--profile',
      profile,
      '--engine',
      engine,
      '--rate',
      '60',
      '--duration',
      '6',
      '--no-floor',
      '--threshold',
      'http_req_duration=p(95)<450',
      '--out',
      join(folder, `${engine}${more.length}`),
      '--json',
      ...more,
    ],
    { cwd: folder },
  )

describe('a healthy endpoint that answers in 300 ms', () => {
  const engines = [
    ['open', true],
    ['autocannon', true],
    ['k6', hasK6],
  ] as const
  describe.each(engines)('by %s', (engine, isThere) => {
    const needs = engine === 'k6' ? ' (needs k6)' : ''
    test.skipIf(!isThere)(`passes p(95)<450 at 60/s without an option${needs}`, async () => {
      const { status, stdout, stderr } = await load(engine)
      const run = parseRun(stdout, 'stdout') as LoadRun
      const { settings, probe, measurement } = run
      const { invalid } = judgeLoad(run)
      // A busy machine may make the load INVALID, or its few seconds differ too much to tell; connections never do.
      expect(invalid.filter((why) => !/this machine|k6 took/.test(why))).toEqual([])
      expect(invalid.length > 0 ? [4] : [0, 3], stderr).toContain(status)
      expect(probe?.medianNs).toBeGreaterThan(290e6)
      expect(settings.connections).toBeGreaterThanOrEqual(60 * 0.3 * 1.5)
      expect(measurement.accounting[0]?.answered['200']).toBeGreaterThan(300)
      expect(measurement.accounting[0]?.planned).toBe(measurement.accounting[0]?.answered['200'])
    })
  })

  test('with fewer connections than requests under way is no verdict on the endpoint, and the number needed is named', async () => {
    const { status, stdout } = await load('open', '--connections', '12')
    const run = parseRun(stdout, 'stdout') as LoadRun
    expect(run.measurement.waits?.waited).toBeGreaterThan(60)
    expect(judgeLoad(run).invalid).toContainEqual(
      expect.stringMatching(/^connections were the limit: --connections [2-9]\d+ \(there were 12;/),
    )
    expect(status).toBe(4)
  })
})
