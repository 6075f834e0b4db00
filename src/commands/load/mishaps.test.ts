import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { StartOptions } from '../../../fixtures/cli/forgebench.ts'
import { lenient, LoadBench, sumOf, unaccounted } from '../../../fixtures/cli/load-bench.ts'
import { startRecordingServer } from '../../../fixtures/servers/recording-server.ts'
import { hasK6 } from '../../../fixtures/load/has-k6.ts'

const bench = new LoadBench()
beforeAll(() => bench.prepare())
afterEach(() => bench.stopServing())
afterAll(() => bench.remove())

/** Does something once, when the second second of a load is over. */
function inTheMiddle(act: (child: Parameters<NonNullable<StartOptions['onStderr']>>[1]) => void) {
  let isDone = false
  return {
    onStderr: (text, child) => {
      if (isDone || !/ 2 of \d+ s: /.test(text)) return
      isDone = true
      act(child)
    },
  } satisfies Partial<StartOptions>
}

const engines = [
  ['open', true],
  ['autocannon', true],
  ['k6', hasK6],
] as const

describe.each(engines)('forgebench load --engine %s', (engine, isThere) => {
  const needs = engine === 'k6' ? ' (needs k6)' : ''

  test.skipIf(!isThere)(
    `ends by itself when the server is killed, and accounts for every request${needs}`,
    async () => {
      const { api, db } = await bench.serve()
      const out = `out-killed-${engine}`
      const target = [
        '--url',
        api.url,
        '--db',
        `file:${db}`,
        '--engine',
        engine,
        '--out',
        out,
        ...lenient('list', 'create'),
      ]
      const { status, stdout } = await bench.load(
        [...target, '--rate', '100', '--duration', '5', '--timeout', '1000'],
        inTheMiddle(() => void api.child.kill('SIGKILL')),
      )
      expect([1, 4, 5]).toContain(status)
      expect(stdout).toMatch(/^(INVALID|FAIL) /m)
      const { run } = bench.runIn(out)
      expect(unaccounted(run)).toEqual([])
      // A ramp of 2.5 s and 2.5 s at 100/s: all that was due is there, sent or not. k6 steps through a ramp, and makes up to
      // 1 % fewer on a busy machine.
      expect(Math.abs(sumOf(run, 'planned') - 375)).toBeLessThanOrEqual(engine === 'k6' ? 4 : 0)
      const isGone = run.measurement.accounting.some(
        ({ refused, closed, neverSent }) => refused + closed + neverSent > 0,
      )
      expect(isGone).toBe(true)
      const [row] = run.reconciliation.rows
      expect(row?.found).toBeGreaterThanOrEqual(row?.acknowledged ?? Infinity)
    },
  )

  test.skipIf(!isThere)(
    `drains and saves what was measured at Ctrl-C, and ends with 130${needs}`,
    async () => {
      const { api } = await bench.serve()
      const out = `out-interrupted-${engine}`
      const { status, stdout, stderr } = await bench.load(
        ['--url', api.url, '--engine', engine, '--rate', '50', '--duration', '60', '--out', out],
        inTheMiddle((child) => void child.kill('SIGINT')),
      )
      expect(status).toBe(130)
      expect(stderr).toMatch(/forgebench: interrupted\n$/)
      expect(stdout).toContain('it was cut short')
      const { run } = bench.runIn(out)
      expect(run).toMatchObject({ status: 'partial', measurement: { interrupted: true } })
      expect(run.measurement.seconds).toBeLessThan(60)
      // k6 cuts off what is under way; it is in the accounting all the same.
      const cutOff = run.measurement.accounting.filter(({ abandoned }) => abandoned > 0)
      if (engine !== 'k6') expect(cutOff).toEqual([])
      expect(unaccounted(run)).toEqual([])
    },
  )

  test.skipIf(!isThere)(`sends a token, and shows it to nobody else${needs}`, async () => {
    const token = 'sesame-0815-4711'
    const server = await startRecordingServer(({ method, authorization }) => ({
      status: authorization === `Bearer ${token}` ? (method === 'POST' ? 201 : 200) : 401,
    }))
    const commandLines: string[] = []
    const out = `out-token-${engine}`
    const { stdout, stderr } = await bench
      .load(
        [
          '--url',
          server.url,
          '--engine',
          engine,
          '--rate',
          '30',
          '--duration',
          '3',
          '--out',
          out,
          '--auth-token-env',
          'API_TOKEN',
        ],
        {
          env: { API_TOKEN: token },
          ...inTheMiddle(() => commandLines.push(...readCommandLines())),
        },
      )
      .finally(() => void server.close())
    const { run, folder } = bench.runIn(out)
    const statuses = new Set(run.measurement.accounting.flatMap(({ answered }) => Object.keys(answered)))
    expect([...statuses].toSorted()).toEqual(['200', '201'])
    expect(commandLines.some((line) => line.includes(server.url))).toBe(true)
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(files.length).toBeGreaterThanOrEqual(3)
    expect([stdout, stderr, ...commandLines, ...files].filter((text) => text.includes(token))).toEqual([])
  })
})

/** The command line of every process on this machine that can be seen. */
function readCommandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')]
      } catch {
        return []
      }
    })
}

test('a host that is not this machine is loaded when it is named, on the command line or in the configuration', async () => {
  const { api } = await bench.serve()
  // The address of no interface reaches this machine, and is none of its own.
  const url = api.url.replace('127.0.0.1', '0.0.0.0')
  const load = async (...args: readonly string[]) =>
    bench.load(['--url', url, '--mix', 'reads', '--rate', '20', '--duration', '1', ...args])
  const refused = await load('--out', 'out-refused')
  expect(refused.status).toBe(2)
  expect(refused.stderr).toContain('--allow-host 0.0.0.0')
  expect(existsSync(join(bench.folder, 'out-refused'))).toBe(false)
  await load('--allow-host', '0.0.0.0', '--out', 'out-allowed')
  writeFileSync(
    join(bench.folder, 'forgebench.config.ts'),
    "export default { load: { allowHosts: ['0.0.0.0'] } }\n",
  )
  await load('--out', 'out-configured')
  rmSync(join(bench.folder, 'forgebench.config.ts'))
  for (const out of ['out-allowed', 'out-configured']) expect(bench.runIn(out).run.target.url).toBe(url)
})
