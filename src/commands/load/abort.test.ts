import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildOnce, forgebench } from '../../../fixtures/cli/forgebench.ts'
import { sumOf, unaccounted } from '../../../fixtures/cli/load-bench.ts'
import { answer, answerOk, RawServer } from '../../../fixtures/load/raw-server.ts'
import { hasK6 } from '../../../fixtures/load/has-k6.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { parseRun } from '../../run/read.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-abort-'))
const profile = join(folder, 'abort.ts')
/** Three in ten requests fail, but none before the load: whatever a busy machine does to latencies, that is certain. */
let failing: RawServer
beforeEach(async () => {
  failing = await RawServer.start((request) => {
    if (request.count > 30 && request.count % 10 >= 7) request.socket.write(answer(500))
    else answerOk(request)
  })
})
afterEach(() => failing.kill())

beforeAll(async () => {
  writeFileSync(
    profile,
    `export default {
      title: 'A load that ends when its target is failing', why: 'A test.',
      requests: [{ id: 'get', title: 'the root', method: 'GET', path: () => '/', status: 200 }],
      mixes: { one: { get: 1 } },
      stages: [{ seconds: 1, level: 1 }, { seconds: 39, level: 1 }],
      thresholds: {
        http_req_failed: [{ threshold: 'rate<0.1', abortOnFail: true, delayAbortEval: '2s' }],
        http_req_duration: ['med<60000'],
      },
    }
    `,
  )
  await buildOnce()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const load = (...args: readonly string[]) =>
  forgebench(['load', '--url', failing.url, '--profile', profile, '--no-floor', '--json', ...args], {
    cwd: folder,
  })

describe.each([
  ['open', ['--rate', '60'], true],
  ['autocannon', ['--rate', '60'], true],
  ['autocannon', ['--peak', '--connections', '2', '--max-requests', '200000'], true],
  ['k6', ['--rate', '60'], hasK6],
] as const)('a threshold with abortOnFail, by %s %j', (engine, how, isThere) => {
  test.skipIf(!isThere)(
    `ends the load of 40 s once it significantly fails${engine === 'k6' ? ' (needs k6)' : ''}`,
    async () => {
      const { status, stdout, stderr } = await load(
        '--engine',
        engine,
        ...how,
        '--out',
        `${engine}${how.length}`,
      )
      const run = parseRun(stdout, 'stdout') as LoadRun
      const failed = { metric: 'http_req_failed', expression: 'rate<0.1' }
      expect(`${status} ${stderr}`).toMatch(/^1 /)
      expect(run).toMatchObject({ status: 'complete', thresholds: [{ abortAfterSeconds: 2 }, {}] })
      expect(run.measurement).toMatchObject({ interrupted: false, endedBy: failed })
      expect(run.measurement.seconds).toBeLessThan(40)
      expect(unaccounted(run)).toEqual([])
      expect(sumOf(run, 'neverSent')).toBe(0)
      const report = await forgebench(
        ['report', join(folder, `${engine}${how.length}`, run.id, 'run.json')],
        {
          cwd: folder,
        },
      )
      expect(report.stdout).toMatch(
        /^ended early: after [\d.]+ of 40\.0 s, because http_req_failed rate<0\.1 failed \(abortOnFail\)/m,
      )
    },
  )
})

test('parts of a load are not ended one by one, and are told so', async () => {
  const args = ['--url', failing.url, '--profile', profile, '--rate', '10', '--out', 'load.yaml']
  const { status, stderr } = await forgebench(['load', 'k6-operator', ...args], { cwd: folder })
  expect(stderr).toBe(
    'warning: abortOnFail is left out: the load is shared, and one part alone would stop; the thresholds are judged at the end\n',
  )
  expect(status).toBe(0)
})
