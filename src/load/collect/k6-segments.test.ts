import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRecordingServer, type RecordingServer } from '../../../fixtures/servers/recording-server.ts'
import { judgeLoad } from '../../judge/load/judge-load.ts'
import { decodeLatencies, latencyQuantileNs, mergeLatencies } from '../../stats/latency-counts.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { scenariosFolder } from '../../scenario/built-in.ts'
import { findK6 } from '../k6/find-k6.ts'
import { collectLoad } from './collect-load.ts'

const k6 = await findK6().catch(() => undefined)
const script = join(scenariosFolder, 'load', 'prompts-api.k6.ts')
const thirds = ['0:1/3', '1/3:2/3', '2/3:1']

/** 600 requests in three seconds. */
const load = {
  RATE: '200',
  STAGES: JSON.stringify([{ seconds: 3, fromLevel: 1, toLevel: 1 }]),
  WARM_UP: '0',
  MIX: 'full',
  SEED: '11',
  // Twice as many as a machine that is late now and then needs.
  CONNECTIONS: '210',
  // Fails by far, passes by far: what a busy machine adds decides nothing.
  THRESHOLDS: JSON.stringify({
    http_req_duration: ['p(95)<200', 'p(80)<350', 'p(95)<5000'],
    http_req_failed: ['rate<0.001'],
  }),
}

/** Every tenth request takes 400 ms, whoever sends it; the others 5 to 54 ms. */
const delayMs = (index: number | null): number =>
  index === null || index % 10 === 3 ? 400 : 5 + (index % 50)

interface Process {
  readonly summary: string
  readonly durationsMs: readonly number[]
}

/** Runs k6 by hand, as a pod does, and keeps every duration that it measured beside its summary. */
async function runK6(folder: string, url: string, segment: string | null): Promise<Process> {
  const name = (segment ?? 'whole').replaceAll(/\W/g, '-')
  const [csv, summary] = [join(folder, `${name}.csv`), join(folder, `${name}.json`)]
  const part =
    segment === null ? [] : ['--execution-segment', segment, '--execution-segment-sequence', '0,1/3,2/3,1']
  const variables = { ...load, BASE_URL: url, SUMMARY: summary, SEGMENTS: segment === null ? '1' : '3' }
  await promisify(execFile)(
    k6?.path ?? '',
    ['run', '--quiet', '--no-usage-report', '--out', `csv=${csv}`, ...part, script],
    { env: variables },
  ).catch((error: unknown) => {
    // 99: a threshold has failed, as it should.
    if ((error as { readonly code?: unknown }).code !== 99) throw error
  })
  const rows: readonly Readonly<Record<string, string>>[] = parse(await readFile(csv), { columns: true })
  const own = rows.filter((row) => row['metric_name'] === 'http_req_duration')
  return { summary, durationsMs: own.map((row) => Number(row['metric_value'])) }
}

function quantilesMs(run: LoadRun, q: number): number {
  const all = run.measurement.slices.map(({ service }) => decodeLatencies(service))
  return latencyQuantileNs(mergeLatencies(all), q) / 1e6
}

const exactMs = (durations: readonly number[], rank: number): number =>
  durations.toSorted((a, b) => a - b)[Math.min(Math.max(rank, 1), durations.length) - 1] ?? NaN

/** The place in the plan of a request as it was recorded. */
const indexOf = (request: string): string => request.slice(0, request.indexOf(' '))

const words = (run: LoadRun): readonly (readonly [string, string])[] =>
  judgeLoad(run).thresholds.map(({ expression, status }) => [expression, status])

describe.skipIf(k6 === undefined)(
  'three processes of k6 on segments, merged, and one process (needs k6)',
  () => {
    let folder = ''
    let merged: LoadRun
    let whole: LoadRun
    let parts: readonly Process[] = []
    const servers: RecordingServer[] = []
    const sent: (readonly string[])[] = []

    async function runAll(segments: readonly (string | null)[]): Promise<readonly Process[]> {
      const server = await startRecordingServer(({ index, method }) => ({
        status: { POST: 201, DELETE: 204 }[method] ?? 200,
        delayMs: delayMs(index),
      }))
      servers.push(server)
      const processes = await Promise.all(segments.map((segment) => runK6(folder, server.url, segment)))
      sent.push(
        server.requests
          .map(({ index, method, path, body }) => `${index} ${method} ${path} ${body}`)
          .toSorted(),
      )
      return processes
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'forgebench-segments-'))
      parts = await runAll(thirds)
      merged = await collectLoad(
        parts.map(({ summary }) => summary),
        '0.1.0',
      )
      const [one] = await runAll([null])
      whole = await collectLoad([one?.summary ?? ''], '0.1.0')
    })
    afterAll(async () => {
      await Promise.all(servers.map((server) => server.close()))
      await rm(folder, { recursive: true, force: true })
    })

    // k6 begins nothing after the last second, however late a busy machine has made it: the end of a plan may be missing.
    it('send the same requests', () => {
      const [bySegments, byOne] = sent.map((all) => new Map(all.map((each) => [indexOf(each), each])))
      expect([bySegments?.size, byOne?.size]).toEqual(sent.map((all) => all.length))
      expect(Math.min(...sent.map((all) => all.length))).toBeGreaterThanOrEqual(570)
      const inBoth = [...(bySegments ?? [])].filter(([index]) => byOne?.has(index))
      expect(inBoth).toEqual([...(byOne ?? [])].filter(([index]) => bySegments?.has(index)))
      expect(merged.measurement.accounting.filter((entry) => entry.neverSent > 0)).toEqual([])
    })

    it('account for every request that the server saw, and have the same verdict', () => {
      const sentOf = ({ measurement }: LoadRun): number =>
        measurement.accounting.reduce((sum, entry) => sum + entry.sent, 0)
      expect([merged, whole].map(sentOf)).toEqual(sent.map((requests) => requests.length))
      expect(judgeLoad(merged).invalid).toEqual([])
      expect(words(merged)).toEqual([
        ['p(95)<200', 'fail'],
        ['p(80)<350', 'pass'],
        ['p(95)<5000', 'pass'],
        ['rate<0.001', 'pass'],
      ])
      expect(words(merged)).toEqual(words(whole))
      expect(judgeLoad(merged).status).toBe(judgeLoad(whole).status)
    })

    it('have a P95 that is the one of all their requests, within the rank error that is stated', () => {
      const durations = parts.flatMap(({ durationsMs }) => durationsMs)
      expect(durations).toHaveLength(sent[0]?.length ?? 0)
      for (const q of [0.5, 0.9, 0.95, 0.99]) {
        const rank = Math.ceil(q * durations.length - 1e-6)
        // Each of three processes interpolates between two of its requests; buckets are 0.1 % wide.
        const [low, high] = [exactMs(durations, rank - 4), exactMs(durations, rank + 4)]
        expect(quantilesMs(merged, q)).toBeGreaterThanOrEqual(low * 0.998)
        expect(quantilesMs(merged, q)).toBeLessThanOrEqual(high * 1.002)
      }
      // The slow tenth decides it in both, however late a busy machine is on top.
      for (const run of [merged, whole]) expect(quantilesMs(run, 0.95)).toBeGreaterThan(395)
    })

    it('are no load when one of them is left out', async () => {
      const [first, , third] = parts
      await expect(collectLoad([first?.summary ?? '', third?.summary ?? ''], '0.1.0')).rejects.toThrow(
        'the segment 1/3:2/3 is missing',
      )
    })
  },
)
