import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  startRecordingServer,
  type RecordedRequest,
  type Reply,
} from '../../../fixtures/servers/recording-server.ts'
import { TargetError, UsageError } from '../../core/errors.ts'
import type { LoadMeasurement } from '../../run/load/load-run.ts'
import type { LoadEvent, LoadContext } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { findK6 } from './find-k6.ts'
import { k6Engine } from './k6-engine.ts'

const k6 = await findK6().catch(() => undefined)

/** A profile of a user: POSTs alone, because Go sends a GET again when its connection was closed. */
const profileText = `
import type { LoadProfile } from 'forgebench'
import { path } from './paths.ts'

export default {
  title: 'Things', why: 'A test.',
  data: { file: 'rows.json', tables: { names: { table: 'things', columns: ['name'], rows: 2 } } },
  requests: [{
    id: 'make-one', title: 'a thing', method: 'POST', path,
    body: ({ index, row }) => ({ index, name: row('names')['name'] ?? null }),
    status: 201, creates: 'things',
  }],
  mixes: { all: { 'make-one': 1 } },
  thinkMs: { from: 1, to: 5 },
  stages: [{ seconds: 1, level: 1 }],
  thresholds: { http_req_duration: ['p(95)<5000'] },
} satisfies LoadProfile
`

let folder = ''
let plan: LoadPlan
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-engine-'))
  await writeFile(join(folder, 'mine.ts'), profileText)
  await writeFile(join(folder, 'paths.ts'), 'export const path = () => "/things?a=1"\n')
  await writeFile(join(folder, 'rows.json'), '{ "names": [{ "name": "a" }, { "name": "ü" }] }')
  plan = {
    url: 'http://127.0.0.1:1',
    profilePath: join(folder, 'mine.ts'),
    dataPath: join(folder, 'rows.json'),
    mix: 'all',
    seed: 2,
    model: { kind: 'open-model', ratePerSec: 100, spacing: 'uniform' },
    stages: [{ seconds: 0.5, fromLevel: 1, toLevel: 1 }],
    warmUpSeconds: 0,
    connections: 60,
    connectRatePerSec: 1000,
    timeoutMs: 2000,
    maxRequests: 10_000,
    workers: 1,
    tokenEnv: null,
  }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

interface Sent {
  readonly measurement: LoadMeasurement
  readonly requests: readonly RecordedRequest[]
  readonly events: readonly LoadEvent[]
}

async function send(
  changes: Partial<LoadPlan> = {},
  reply?: (request: RecordedRequest) => Reply,
  options: Partial<LoadContext> = {},
): Promise<Sent> {
  const server = await startRecordingServer(reply)
  const events: LoadEvent[] = []
  try {
    const measurement = await k6Engine(
      { ...plan, url: server.url, ...changes },
      { signal: new AbortController().signal, emit: (event) => events.push(event), ...options },
    )
    return { measurement, requests: [...server.requests], events }
  } finally {
    await server.close()
  }
}

/** As many as are due, or up to a fifth fewer: k6 begins nothing after the last second, however late it is. */
const isUpTo = (due: number, count = 0): boolean => count <= due && count >= due * 0.8

const reject = (engine: Promise<unknown>): Promise<unknown> => engine.catch((error: unknown) => error)

describe.skipIf(k6 === undefined)('the k6 engine (needs k6)', () => {
  it('accounts for every request by what became of it', async () => {
    const replies: Readonly<Record<number, Reply>> = {
      3: { status: 503 },
      5: { status: 201, isDropped: true },
      7: { status: 201, delayMs: 5000 },
    }
    const twoSeconds = { stages: [{ seconds: 2, fromLevel: 1, toLevel: 1 }], warmUpSeconds: 1 }
    const { measurement, requests } = await send(
      twoSeconds,
      ({ index }) => replies[(index ?? 0) % 10] ?? { status: 201 },
    )
    expect(isUpTo(200, requests.length)).toBe(true)
    const places = requests.map(({ index }) => (index ?? 0) % 10)
    const ofPlace = (place: number): number => places.filter((each) => each === place).length
    const made = requests.length - ofPlace(3) - ofPlace(5) - ofPlace(7)
    expect(measurement.accounting).toEqual([
      {
        op: 'make-one',
        planned: requests.length,
        sent: requests.length,
        neverSent: 0,
        answered: { 201: made, 503: ofPlace(3) },
        refused: 0,
        timedOut: ofPlace(7),
        closed: ofPlace(5),
        broken: 0,
        abandoned: 0,
      },
    ])
    expect(measurement.created).toEqual({ things: made })
    const phase = (wanted: string): number =>
      measurement.slices.reduce((sum, { phase: of, requests: n }) => sum + (of === wanted ? n : 0), 0)
    expect(phase('warm-up') + phase('measured')).toBe(requests.length)
    expect(phase('warm-up')).toBeGreaterThan(50)
    expect(measurement.slices.every(({ second, phase: of }) => (of === 'warm-up') === second < 1)).toBe(true)
    expect(measurement).toMatchObject({
      tool: { name: 'k6', version: k6?.version },
      seconds: 2,
      interrupted: false,
      lateness: null,
      toolVerdict: { exitCode: 99 },
    })
    expect(measurement.toolVerdict?.failedThresholds).toContain('slow_over_5000ms rate<=0.05')
    expect(measurement.notes.join('\n')).toContain('Go repeats a GET in silence')
  })

  it('tells of every second, and what k6 needed', async () => {
    const stages = [{ seconds: 1.5, fromLevel: 1, toLevel: 1 }]
    const { measurement, events } = await send({ stages })
    const seconds = events.filter((event) => event.kind === 'second')
    const { sent } = measurement.accounting[0] ?? {}
    expect(sent).toBeGreaterThan(100)
    expect(seconds.reduce((sum, second) => sum + second.sent, 0)).toBe(sent)
    expect(seconds.map(({ failed }) => failed)).toEqual(seconds.map(() => 0))
    expect(measurement.connections.opened).toBeGreaterThan(0)
    if (process.platform === 'linux') {
      expect(measurement.workers).toMatchObject([{ loopUtilization: null, loopLagP99Ns: null }])
      expect(measurement.workers[0]?.maxRssBytes).toBeGreaterThan(10e6)
    }
  })

  it('sends the token, and tells nobody', async () => {
    vi.stubEnv('API_TOKEN', 'very-secret')
    const { measurement, requests, events } = await send({ tokenEnv: 'API_TOKEN' })
    expect(new Set(requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer very-secret']),
    )
    expect(JSON.stringify([measurement, events])).not.toContain('very-secret')
  })

  it('returns from a target that is not there, with everything refused', async () => {
    const engine = k6Engine(plan, { signal: new AbortController().signal, emit: () => undefined })
    const { accounting, toolVerdict } = await engine
    // The last arrivals may come too late for k6, the more so on a busy machine.
    expect(isUpTo(50, accounting[0]?.sent)).toBe(true)
    expect(accounting).toMatchObject([{ refused: accounting[0]?.sent, answered: {} }])
    expect(toolVerdict?.exitCode).toBe(99)
  })

  it('counts what k6 drops as never sent', async () => {
    const { measurement, requests } = await send({ connections: 2 }, () => ({ status: 201, delayMs: 100 }))
    const [entry] = measurement.accounting
    expect(entry?.neverSent).toBeGreaterThan(20)
    expect(entry).toMatchObject({ sent: requests.length, planned: requests.length + (entry?.neverSent ?? 0) })
    expect(isUpTo(52, entry?.planned)).toBe(true)
    expect(measurement.toolVerdict?.failedThresholds).toContain('dropped_iterations count==0')
    expect(measurement.notes.join('\n')).toContain('--connections')
  })

  it('lets users think, and ends on time', async () => {
    const { measurement, requests } = await send({ model: { kind: 'closed-model', users: 10 } })
    expect(requests.length).toBeGreaterThan(10)
    expect(measurement.accounting).toMatchObject([{ sent: requests.length, abandoned: 0, neverSent: 0 }])
  })

  it('sends no more than it may, and ends then', async () => {
    const stages = [{ seconds: 60, fromLevel: 1, toLevel: 1 }]
    const { measurement, requests } = await send({ model: { kind: 'peak' }, stages, maxRequests: 150 })
    expect(requests).toHaveLength(150)
    expect(measurement).toMatchObject({ interrupted: false, accounting: [{ sent: 150 }] })
    expect(measurement.seconds).toBeLessThan(60)
    expect([0, 99]).toContain(measurement.toolVerdict?.exitCode)
  })

  it('stops when it is told to, and keeps what was measured', async () => {
    const stop = new AbortController()
    const stages = [{ seconds: 120, fromLevel: 1, toLevel: 1 }]
    const reply = ({ index }: RecordedRequest): Reply => {
      if (index === 100) stop.abort()
      return { status: 201, delayMs: 20 }
    }
    const { measurement, requests } = await send({ stages }, reply, { signal: stop.signal })
    expect(measurement.interrupted).toBe(true)
    expect(measurement.seconds).toBeLessThan(60)
    const [entry] = measurement.accounting
    expect(entry?.sent).toBeGreaterThanOrEqual(90)
    expect(entry?.sent).toBe((entry?.answered['201'] ?? 0) + (entry?.abandoned ?? 0))
    expect(entry?.sent).toBeGreaterThanOrEqual(requests.length)
  })

  it('hands on arguments of the user', async () => {
    const own = join(folder, 'own.csv')
    await send({}, undefined, { toolArgs: ['--out', `csv=${own}`, '--tag', 'team=mine'] })
    expect(await readFile(own, 'utf8')).toMatch(/http_req_duration,.*team=mine/)
  })

  it('sends a segment, and says so', async () => {
    const thresholds = [{ metric: 'http_reqs', expression: 'count>30' }]
    const toolArgs = ['--execution-segment', '0:1/2', '--execution-segment-sequence', '0,1/2,1']
    const { measurement, requests } = await send({}, undefined, { toolArgs, thresholds })
    expect(isUpTo(25, requests.length)).toBe(true)
    expect(measurement.segment).toBe('0:1/2')
    expect(measurement.toolVerdict).toEqual({ exitCode: 0, failedThresholds: [] })
  })

  it('judges the thresholds that it is given in place of the profile’s', async () => {
    const thresholds = [{ metric: 'http_reqs', expression: 'count>1000000' }]
    const { measurement } = await send({}, undefined, { thresholds })
    expect(measurement.toolVerdict).toMatchObject({
      exitCode: 99,
      // On a busy machine the threshold on requests that were not sent may fail beside it.
      failedThresholds: expect.arrayContaining(['http_reqs{phase:measured} count>1000000']),
    })
    expect(measurement.toolVerdict?.failedThresholds.join()).not.toContain('http_req_duration')
  })

  it('says in one line what k6 cannot import, and which argument it does not know', async () => {
    const path = join(folder, 'paths.ts')
    await writeFile(
      path,
      "import { defineLoadProfile } from 'forgebench'\nexport const path = () => '/'; defineLoadProfile\n",
    )
    const signal = new AbortController().signal
    const missing = await reject(k6Engine(plan, { signal, emit: () => undefined }))
    expect(missing).toBeInstanceOf(UsageError)
    expect((missing as Error).message).toMatch(
      /mine\.ts: k6 cannot import forgebench: a profile imports types/,
    )
    await writeFile(path, "export const path = () => '/'\n")
    const unknown = await reject(k6Engine(plan, { signal, emit: () => undefined, toolArgs: ['--nope'] }))
    expect(unknown).toBeInstanceOf(UsageError)
    expect((unknown as Error).message).toMatch(/or its arguments: unknown flag: --nope$/)
  })
})

describe('the k6 engine', () => {
  /** A k6 that says its version and then does as it is told. */
  async function fakeK6(does: string): Promise<void> {
    const path = join(folder, 'k6')
    await writeFile(path, `#!/bin/sh\nif [ "$1" = version ]; then echo "k6 v2.2.0"; exit 0; fi\n${does}\n`)
    await chmod(path, 0o755)
    vi.stubEnv('K6_BIN', path)
  }
  const run = (): Promise<unknown> =>
    reject(k6Engine(plan, { signal: new AbortController().signal, emit: () => undefined }))

  it('says when k6 dies', async () => {
    await fakeK6('echo "fatal error: out of memory" >&2; kill -9 $$')
    const killed = await run()
    expect(killed).toBeInstanceOf(TargetError)
    expect((killed as Error).message).toMatch(/k6 was killed \(SIGKILL\): fatal error: out of memory$/)
    await fakeK6('echo "panic: oh" >&2; exit 109')
    expect((await run()) as Error).toMatchObject({
      code: 'K6_DIED',
      message: expect.stringContaining('109: panic: oh'),
    })
  })

  it('takes no Poisson arrivals, because k6 has none', async () => {
    await fakeK6('exit 0')
    plan = { ...plan, model: { kind: 'open-model', ratePerSec: 10, spacing: 'poisson' } }
    expect(await run()).toMatchObject({ code: 'K6_POISSON' })
  })

  it('kills a k6 that does not end when it is asked to', async () => {
    await fakeK6('trap "" INT TERM; while :; do sleep 0.1; done')
    const signal = AbortSignal.timeout(100)
    plan = { ...plan, timeoutMs: -14_500 }
    const result = await reject(k6Engine(plan, { signal, emit: () => undefined }))
    expect(result).toMatchObject({ interrupted: true, accounting: [] })
  })
})
