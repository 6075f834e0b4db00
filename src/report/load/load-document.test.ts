import { HistogramLogReader } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import {
  healthy,
  sampleLoadRun,
  sampleMeasurement,
  type Fate,
} from '../../../fixtures/runs/sample-load-run.ts'
import { judgeRun } from '../../judge/judge-run.ts'
import { decodeLatencies } from '../../stats/latency-counts.ts'
import { LatencyHistogram } from '../../stats/latency-histogram.ts'
import type { LoadMeasurement, LoadRun } from '../../run/load/load-run.ts'
import { formats } from '../formats.ts'

const run = sampleLoadRun()
const terminal = (of: LoadRun, width = 140, color = false): string =>
  formats.terminal(judgeRun(of), { color, width })
const markdown = (of: LoadRun): string => formats.markdown(judgeRun(of))
const changed = (change: Partial<LoadMeasurement>): LoadRun => ({
  ...run,
  measurement: { ...run.measurement, ...change },
})
const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n')
const lineWith = (text: string, start: string): string | undefined =>
  linesOf(text).find((line) => line.startsWith(start))

/** Refuses from second 14 on. */
const dying = sampleLoadRun(
  sampleMeasurement((request: Fate) =>
    request.at < 14 ? healthy(request) : { ending: 'refused', status: 0, isExpected: false, serviceMs: 0.05 },
  ),
)
/** k6: no intended start, no event loop, a verdict of its own. */
const fromK6 = sampleLoadRun({
  ...run.measurement,
  tool: { name: 'k6', version: '2.2.0' },
  slices: run.measurement.slices.map((slice) => ({ ...slice, response: null })),
  lateness: null,
  workers: run.measurement.workers.map((worker) => ({
    ...worker,
    loopUtilization: null,
    loopLagP99Ns: null,
  })),
  toolVerdict: { exitCode: 99, failedThresholds: ['http_req_duration{op:list} p(95)<200'] },
  notes: ['latencies begin with sending'],
})

describe('the terminal report of a load', () => {
  test('shows the sample as committed', async () => {
    await expect(terminal(run)).toMatchFileSnapshot('../../../fixtures/runs/sample-load.terminal.txt')
  })

  test('shows a target that died as committed', async () => {
    await expect(terminal(dying)).toMatchFileSnapshot('../../../fixtures/runs/dying-load.terminal.txt')
  })

  test.each([200, 140, 120, 100, 80, 60])('fits into %d columns', (width) => {
    for (const of of [run, dying, fromK6]) {
      const longest = Math.max(...linesOf(terminal(of, width)).map((line) => line.length))
      expect(longest).toBeLessThanOrEqual(width)
    }
  })

  test('has only colours for control characters', () => {
    const escape = String.fromCodePoint(27)
    expect(terminal(run)).not.toContain(escape)
    const colors = new RegExp(String.raw`${escape}\[\d+m`, 'g')
    expect(terminal(run, 140, true).replaceAll(colors, '')).toBe(terminal(run))
  })

  test('ends with the verdict', () => {
    expect(linesOf(terminal(run)).at(-1)).toMatch(
      /^PASS · 4 of 4 thresholds hold · P95 [\d.]+ ms \[[\d.]+, [\d.]+\] at 500 req\/s/,
    )
    expect(terminal(dying)).toMatch(
      /\nFAIL · 0 of 4 thresholds hold · P95 failed at 500 req\/s[^\n]+\n(failed: [^\n]+\n)+$/,
    )
  })

  test('says first of all that an invalid run must not be used, and why', () => {
    const [first, ...others] = run.measurement.accounting
    if (first === undefined) throw new Error('the sample has requests')
    const text = terminal(changed({ accounting: [{ ...first, planned: first.planned + 1 }, ...others] }))
    expect(lineWith(text, 'INVALID')).toContain('these numbers must not be used')
    expect(lineWith(text, 'invalid: the requests do not add up')).toContain(`${first.op}: `)
    expect(text).toMatch(/\ninvalid +request accounting +no +no gap\n/)
  })

  test('names a doubtful check under a verdict that does not depend on it', () => {
    const late = changed({ lateness: { samples: 9, p50Ns: 1, p99Ns: 11_000_000, maxNs: 16_000_000 } })
    const text = terminal(late)
    expect(lineWith(text, 'PASS')).toContain('4 of 4 thresholds hold')
    expect(lineWith(text, 'doubtful, and no verdict depends on it: requests were sent late')).toContain(
      '11.0 ms',
    )
    expect(text).toMatch(/\ndoubtful +lateness of sends, P99 .+ ≤ 10.0 ms\n/)
  })

  test('sets response time above service time', () => {
    const lines = linesOf(terminal(run, 200))
    const all = lines.findIndex((line) => line.startsWith('all '))
    expect(lines[all]).toMatch(/^all +11,000 +500 .* response /)
    expect(lines[all + 1]).toMatch(/^ +service /)
    expect(lines[all - 1]).toContain('p99.9')
  })

  test('says under the latencies why one has no interval, and which quantile needs more requests', () => {
    const short = changed({ slices: run.measurement.slices.filter(({ second }) => second < 9) })
    expect(terminal(short)).toContain('no interval: fewer than 10 measured seconds; use a longer --duration')
    expect(terminal(short)).toMatch(/ · P95 [\d.]+ ms \(no interval\) at [\d.,]+ req\/s/)
    const [slice] = run.measurement.slices.filter(({ second }) => second === 20)
    if (slice === undefined) throw new Error('the sample has slices')
    const histogram = new LatencyHistogram()
    histogram.record(5e6)
    const latencies = histogram.toBase64()
    const single = { ...slice, requests: 1, failed: 0, service: latencies, response: latencies }
    const text = terminal(changed({ slices: [single] }), 200)
    expect(text).toContain('–: p90 needs 10 requests, p95 needs 20 requests, p99 needs 100 requests')
    expect(lineWith(text, 'INVALID')).not.toContain('P95')
  })

  test('shows service time alone, and says so, where no intended start is known', () => {
    const text = terminal(fromK6)
    expect(lineWith(text, 'Latency')).toContain('k6 knows no intended start')
    expect(text).not.toContain(' response ')
    expect(lineWith(text, 'unknown')).toContain('this tool knows no intended start')
  })

  test('shows what another tool says when it contradicts, and only then', () => {
    expect(lineWith(terminal(fromK6), 'note: k6 itself')).toBe(
      'note: k6 itself says fail: http_req_duration{op:list} p(95)<200',
    )
    const saying = (toolVerdict: LoadMeasurement['toolVerdict'], of = fromK6): string | undefined =>
      lineWith(terminal({ ...of, measurement: { ...of.measurement, toolVerdict } }), 'note: k6 itself')
    const failing = { ...fromK6, measurement: { ...dying.measurement, tool: fromK6.measurement.tool } }
    expect(saying({ exitCode: 0, failedThresholds: [] })).toBeUndefined()
    expect(saying({ exitCode: 99, failedThresholds: ['a'] }, failing)).toBeUndefined()
    expect(saying({ exitCode: 0, failedThresholds: [] }, failing)).toContain('says pass: it does not check')
    expect(saying({ exitCode: 99, failedThresholds: ['a', 'b', 'c', 'd'] })).toMatch(/a, b, c and 1 more$/)
  })

  test('draws one column for several seconds of a long load', () => {
    const [slice] = run.measurement.slices.slice(-1)
    if (slice === undefined) throw new Error('the sample has slices')
    const slices = Array.from({ length: 600 }, (_, second) => ({ ...slice, second }))
    const text = terminal(changed({ slices, seconds: 600 }))
    expect(lineWith(text, 'Course')).toContain('every 10 seconds')
    expect(lineWith(text, 'P95')).toMatch(/[▁-█]{60} /u)
  })

  test('draws no course of a run that knows its phases as a whole, and names its segment', () => {
    const text = terminal(changed({ sliceLength: 'phase', segment: '0:1/3' }))
    expect(text).not.toContain('Course')
    expect(lineWith(text, 'load: ')).toContain('segment 0:1/3 of it')
  })

  test('names what had the right status and the wrong content', () => {
    const html = sampleMeasurement((request) => {
      const served = healthy(request)
      return request.index % 1000 === 7 && served.ending === 'answered'
        ? { ...served, isExpected: false }
        : served
    })
    expect(terminal(sampleLoadRun(html))).toContain(
      'note: 12 answers had the right status and failed all the same',
    )
    expect(terminal(run)).not.toContain('failed all the same')
  })

  test('does without requests, workers, thresholds or a floor', () => {
    const empty = {
      ...changed({ slices: [], accounting: [], workers: [], lateness: null }),
      thresholds: [],
      floor: null,
    }
    expect(terminal(empty)).toContain('No request of the measured phase was timed.')
    expect(terminal(empty)).toContain('invalid: nothing was measured')
  })
})

describe('the Markdown report of a load', () => {
  test('shows the sample as committed', async () => {
    await expect(markdown(run)).toMatchFileSnapshot('../../../fixtures/runs/sample-load.markdown.md')
  })

  test('begins with the verdict, has it once, and says how it was measured', () => {
    const headings = linesOf(markdown(run)).filter((line) => line.startsWith('#'))
    expect(headings[1]).toMatch(/^## PASS/)
    expect(headings.filter((line) => line.startsWith('## PASS'))).toHaveLength(1)
    expect(headings.at(-1)).toBe('## How this was measured')
  })
})

describe('the histogram log of a load', () => {
  const text = formats.hlog(judgeRun(run))

  test('gives every slice back to a reader of histogram logs', () => {
    const reader = new HistogramLogReader(text)
    const read: unknown[] = []
    for (let each = reader.nextIntervalHistogram(); each !== null; each = reader.nextIntervalHistogram()) {
      const { tag, totalCount, startTimeStampMsec, maxValue } = each
      read.push({
        tag,
        totalCount,
        second: (startTimeStampMsec - Date.parse(run.startedAt)) / 1000,
        maxValue,
      })
    }
    expect(read).toEqual(
      run.measurement.slices.map(({ op, requests, second, response }) => ({
        tag: op,
        totalCount: requests,
        second,
        maxValue: decodeLatencies(response ?? '').valuesNs.at(-1),
      })),
    )
  })

  test('is the same in every time zone', () => {
    expect(linesOf(text).slice(0, 4)).toEqual([
      '#[response times in nanoseconds, by forgebench load]',
      '#[Histogram log format version 1.3]',
      '#[StartTime: 1795482900.000 (seconds since epoch), 2026-11-24T01:15:00.000Z]',
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ])
  })

  test('holds service times where no response times are known', () => {
    expect(formats.hlog(judgeRun(fromK6))).toContain('#[service times in nanoseconds')
  })
})

describe('the CSV of a load', () => {
  test('has a line a second and operation, and as many fields in each', () => {
    const lines = linesOf(formats.csv(judgeRun(run)))
    expect(lines[0]).toBe(
      [
        'second,op,phase,requests,failed',
        'response_p50_ms,response_p50_low_ms,response_p50_high_ms',
        'response_p95_ms,response_p95_low_ms,response_p95_high_ms',
        'response_p99_ms,response_p99_low_ms,response_p99_high_ms,response_max_ms',
        'service_p50_ms,service_p50_low_ms,service_p50_high_ms',
        'service_p95_ms,service_p95_low_ms,service_p95_high_ms',
        'service_p99_ms,service_p99_low_ms,service_p99_high_ms,service_max_ms',
      ].join(','),
    )
    expect(lines).toHaveLength(1 + run.measurement.slices.length)
    expect(new Set(lines.map((line) => line.split(',').length))).toEqual(new Set([25]))
    expect(lines.filter((line) => line.includes(',warm-up,'))).toHaveLength(6)
  })

  test('has the interval of each quantile around it, of measured seconds', () => {
    const [names = [], ...rows] = linesOf(formats.csv(judgeRun(run))).map((line) => line.split(','))
    const at = (row: readonly string[], name: string): number => Number(row[names.indexOf(name)] || NaN)
    for (const row of rows) {
      const [low, value, high] = ['_low', '', '_high'].map((bound) => at(row, `response_p50${bound}_ms`))
      if (row.includes('warm-up')) expect([low, high]).toEqual([NaN, NaN])
      else {
        expect(low).toBeLessThanOrEqual(value ?? NaN)
        expect(high).toBeGreaterThanOrEqual(value ?? NaN)
        expect(high).toBeGreaterThan(low ?? NaN)
      }
    }
    // 125 creations a second do not bound their P99 from above.
    const create = rows.find((row) => row.includes('create') && row.includes('measured')) ?? []
    expect(at(create, 'response_p99_high_ms')).toBeNaN()
  })

  test('leaves empty what is not known', () => {
    expect(linesOf(formats.csv(judgeRun(fromK6)))[1]).toMatch(/^0,create,warm-up,\d+,0,,,,,,,,,,,[\d.]+,,,/)
    expect(linesOf(formats.csv(judgeRun(dying))).at(-1)).toMatch(
      /^24,list,measured,(\d+),\1,(?:[\d.]*,){9}[\d.]+,(?:[\d.]*,){9}[\d.]+$/,
    )
  })
})
