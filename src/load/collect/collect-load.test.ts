import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { podSummaryOf, type PodRequest, type PodRun } from '../../../fixtures/load/pod-run.ts'
import { sampleLoadRun } from '../../../fixtures/runs/sample-load-run.ts'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import { summaryLines } from '../k6/script/summary.ts'
import { InvalidMeasurementError, UsageError } from '../../core/errors.ts'
import { judgeLoad } from '../../judge/load/judge-load.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { parseRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import { RequestLog } from '../worker/request-log.ts'
import { collectLoad } from './collect-load.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-collect-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const collect = (paths: readonly string[]): Promise<LoadRun> => collectLoad(paths, '0.1.0')

/** 594 requests in the warm-up of a second and nine more: a tenth slow in the middle third alone. */
const shareOf = (third: number): readonly PodRequest[] =>
  Array.from({ length: 198 }, (_, i) => ({
    op: i % 4 === 0 ? 'create' : 'list',
    ms: third === 1 && i % 4 === 1 ? 300 : 10 + (i % 50),
    ...(i < 18 ? { phase: 'warm-up' as const } : {}),
  }))
const thirds = ['0:1/3', '1/3:2/3', '2/3:1']
const pod = (third: number, changes: Partial<PodRun> = {}): string =>
  JSON.stringify(podSummaryOf({ requests: shareOf(third), segment: thirds[third] ?? null, ...changes }))

const pods = (changes: readonly (Partial<PodRun> | undefined)[] = []): Promise<readonly string[]> =>
  Promise.all([0, 1, 2].map((third) => file(`${third}.json`, pod(third, changes[third]))))

describe('summaries of pods', () => {
  it('become one Run, with one verdict that no pod had', async () => {
    const run = await collect(await pods())
    expect(parseRun(serializeRun(run), 'merged')).toEqual(run)
    expect(run.settings).toMatchObject({
      engine: 'k6',
      model: { ratePerSec: 60 },
      connections: 60,
      workers: 3,
    })
    const [list, create] = run.measurement.accounting
    expect(list).toMatchObject({ op: 'list', planned: 444, sent: 444, answered: { 200: 444 } })
    expect(create).toMatchObject({ op: 'create', sent: 150, answered: { 201: 150 } })
    expect(run.measurement.created).toEqual({ prompts: 150 })
    const verdict = judgeLoad(run)
    expect(verdict.invalid).toEqual([])
    // 45 of 540 requests took 300 ms: 8 %, and of the pod in the middle a quarter.
    // Summaries know no seconds, so that a quarter of the requests is taken to be independent.
    expect(verdict.thresholds.map(({ metric, status }) => [metric, status])).toEqual([
      ['http_req_duration', 'inconclusive'],
      ['http_req_duration{op:list}', 'fail'],
      ['http_req_duration{op:create}', 'inconclusive'],
      ['http_req_failed', 'pass'],
    ])
    expect(verdict.thresholds[0]?.measured).toBeCloseTo(300, 0)
    expect(run.measurement.notes[0]).toMatch(/^Merged from 3 parts, which began within 0\.0 s: 0:1\/3 \(/)
  })

  it('are read from one log of all pods as from files', async () => {
    const lines = [0, 1, 2].flatMap((third) =>
      summaryLines(podSummaryOf({ requests: shareOf(third), segment: thirds[third] ?? null })),
    )
    const log = await file('pods.log', ['noise', ...lines].join('\n'))
    const [fromLog, fromFiles] = [await collect([log]), await collect(await pods())]
    expect(fromLog.measurement.slices).toEqual(fromFiles.measurement.slices)
    expect(fromLog.measurement.accounting).toEqual(fromFiles.measurement.accounting)
  })

  it('count failures by what became of them, and what was never sent', async () => {
    const losses = ['503', '503', 'closed', 'timedOut', 'refused'].map((unexpected): PodRequest => ({
      op: 'list',
      ms: 5,
      unexpected,
    }))
    const run = await collect(
      await pods([{ requests: [...shareOf(0), ...losses], dropped: 4 }, undefined, { dropped: 1 }]),
    )
    expect(run.measurement.accounting).toMatchObject([
      { op: 'list', sent: 449, answered: { 200: 444, 503: 2 }, closed: 1, timedOut: 1, refused: 1 },
      { op: 'create' },
      { op: '(any)', planned: 5, neverSent: 5, sent: 0 },
    ])
    const { doubts, checks } = judgeLoad(run)
    expect(doubts).toEqual([expect.stringMatching(/^5 of 604 requests .* never sent$/)])
    expect(checks.find(({ name }) => name === 'request accounting')?.status).toBe('ok')
  })

  it('that are not all of them are named, and no verdict is given', async () => {
    const [first = '', , third = ''] = await pods()
    const missing = collect([first, third])
    await expect(missing).rejects.toThrow(InvalidMeasurementError)
    await expect(missing).rejects.toThrow('2 parts are not the whole load: the segment 1/3:2/3 is missing')
  })

  it.each<readonly [string, Partial<PodRun>, string]>([
    ['another seed', { variables: { SEED: '2' } }, 'not the same seed'],
    ['another mix', { variables: { MIX: 'full' } }, 'not the same mix'],
    ['another rate', { variables: { RATE: '61' } }, 'not the same rate or users'],
    ['another target', { variables: { BASE_URL: 'http://other.test' } }, 'not the same URL'],
    [
      'other thresholds',
      { variables: { THRESHOLDS: '{"http_req_duration":["p(95)<300"]}' } },
      'not the same thresholds',
    ],
    [
      'a segment of another',
      { segment: '0:1/3', finishedAtMs: 1_795_000_000_001 },
      'its segment 0:1/3 is in',
    ],
    ['the whole load', { segment: null }, 'is a whole load and'],
  ])('with %s are refused', async (_, change, message) => {
    const paths = await pods([undefined, change])
    await expect(collect(paths)).rejects.toThrow(UsageError)
    await expect(collect(paths)).rejects.toThrow(message)
  })

  it('that ran one after the other are no load', async () => {
    const paths = await pods([undefined, undefined, { finishedAtMs: 1_795_000_060_000 }])
    await expect(collect(paths)).rejects.toThrow(InvalidMeasurementError)
    await expect(collect(paths)).rejects.toThrow(/2\.json began 50\.0 s after .*0\.json had ended/)
  })

  it('judge no windows, of which they know nothing', async () => {
    const variables = { THRESHOLDS: '{"http_req_duration{window:5s}":["p(95)<400"]}' }
    const run = await collect(await pods([{ variables }, { variables }, { variables }]))
    expect(judgeLoad(run).thresholds[0]?.status).toBe('invalid')
  })
})

/** A Run of one machine: the sample's settings, with requests of its own. */
function runOf(id: string, log: RequestLog, changes: Partial<LoadRun> = {}): string {
  const sample = sampleLoadRun()
  const measurement = { ...sample.measurement, accounting: log.accounting(), slices: log.slices() }
  return serializeRun({ ...sample, id, measurement, ...changes })
}

function fill(log: RequestLog, from: number, every: number): RequestLog {
  for (let i = from; i < 2000; i += every) {
    const isExpected = i % 97 !== 0
    const serviceNs = 1e6 * (1 + ((i * 7919) % 500))
    const second = Math.floor(i / 100)
    log.add({
      op: i % 3 === 0 ? 'create' : 'list',
      ending: isExpected ? 'answered' : 'timedOut',
      status: isExpected ? 200 : 0,
      isExpected,
      second,
      serviceNs,
      responseNs: serviceNs + 1e5,
    })
  }
  return log
}

describe('Runs of several machines', () => {
  it('merge without loss: as if one machine had sent all', async () => {
    const paths = await Promise.all(
      [0, 1, 2].map((i) => file(`${i}.json`, runOf(`run-${i}`, fill(new RequestLog(0), i, 3)))),
    )
    const merged = await collect(paths)
    const whole = fill(new RequestLog(0), 0, 1)
    const byOp = (a: { readonly op: string }, b: { readonly op: string }): number => (a.op < b.op ? -1 : 1)
    expect(merged.measurement.accounting.toSorted(byOp)).toEqual(whole.accounting().toSorted(byOp))
    expect(merged.measurement.slices).toEqual(whole.slices())
    const { model, connections } = sampleLoadRun().settings
    if (model.kind !== 'open-model') throw new TypeError('the sample has arrivals')
    expect(merged.settings).toMatchObject({
      model: { ratePerSec: 3 * model.ratePerSec },
      connections: 3 * connections,
    })
  })

  it('are refused twice, cut off, or of scenarios', async () => {
    const text = runOf('run-0', fill(new RequestLog(0), 0, 1))
    const once = await file('a.json', text)
    await expect(collect([once, await file('b.json', text)])).rejects.toThrow(
      /b\.json is the same part as .*a\.json/,
    )
    await expect(collect([await file('c.json', text.slice(0, 5000))])).rejects.toThrow(
      /cut off in the middle/,
    )
    await expect(collect([await file('d.json', serializeRun(sampleRun()))])).rejects.toThrow(/not of a load/)
    await expect(collect([join(folder, 'none.json')])).rejects.toThrow(
      /none\.json: cannot be read \(no such file\)/,
    )
    await expect(collect([await file('e.log', 'level=info msg=nothing\n')])).rejects.toThrow(
      /e\.log: holds no summary/,
    )
    await expect(collect([])).rejects.toThrow('nothing to collect')
  })
})
