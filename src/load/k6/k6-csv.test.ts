import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readK6Csv, type K6Row } from './k6-csv.ts'

const csv = `metric_name,timestamp,metric_value,error,error_code,expected_response,method,name,proto,scenario,status,extra_tags,metadata
load_started_at,1795552932947629,1795552932940.000000,,,,,,,load,,,
requests_begun,1795552932947651,1.000000,,,,,,,load,,op=user-list,
http_reqs,1795552932954543,1.000000,,,true,GET,user-list,HTTP/1.1,load,200,op=user-list&phase=measured,
http_req_duration,1795552932954543,3.775846,,,true,GET,user-list,HTTP/1.1,load,200,phase=measured&op=user-list,
http_req_blocked,1795552932954543,0.401000,,,true,GET,user-list,HTTP/1.1,load,200,phase=measured&op=user-list,
connections_opened,1795552932954600,1.000000,,,,,,,load,,,
connecting_ms,1795552932954600,0.400000,,,,,,,load,,,
iteration_duration,1795552932954700,5.100000,,,,,,,load,,,
http_req_duration,1795552933349136,0.857278,"malformed HTTP response ""häl,lo""",1000,false,POST,create,,load,0,op=create&phase=warm-up,
dropped_iterations,1795552933400000,3.000000,,,,,,,load,,,

✓ http_req_duration{phase:measured} p(95)<200
http_req_duration
`

const rows: readonly K6Row[] = [
  { kind: 'started', startMs: 1795552932940 },
  { kind: 'begun', op: 'user-list' },
  {
    kind: 'ended',
    op: 'user-list',
    isMeasured: true,
    endMs: 1795552932954.543,
    durationMs: 3.775846,
    status: 200,
    errorCode: 0,
    error: '',
    asExpected: true,
  },
  { kind: 'connected', count: 1 },
  { kind: 'connecting', durationMs: 0.4 },
  { kind: 'iterated', endMs: 1795552932954.7, durationMs: 5.1 },
  {
    kind: 'ended',
    op: 'create',
    isMeasured: false,
    endMs: 1795552933349.136,
    durationMs: 0.857278,
    status: 0,
    errorCode: 1000,
    error: 'malformed HTTP response "häl,lo"',
    asExpected: false,
  },
  { kind: 'dropped', count: 3, endMs: 1795552933400 },
]

async function read(chunks: readonly Buffer[]): Promise<readonly K6Row[]> {
  const found: K6Row[] = []
  for await (const row of readK6Csv(Readable.from(chunks))) found.push(row)
  return found
}

describe('the CSV of k6', () => {
  it('tells of requests, whatever the chunks that it comes in and what stands after it', async () => {
    const bytes = Buffer.from(csv)
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 30 }), async (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length]
        const chunks = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
        expect(await read(chunks)).toEqual(rows)
      }),
      { numRuns: 50 },
    )
  })

  it('may be cut off, or be none', async () => {
    expect(await read([Buffer.from(csv.slice(0, csv.indexOf('connections_opened') + 30))])).toEqual(
      rows.slice(0, 3),
    )
    expect(await read([Buffer.from('level=error msg="no script"\n')])).toEqual([])
    expect(await read([])).toEqual([])
  })
})
