import { Transform, type TransformCallback } from 'node:stream'
import { parse } from 'csv-parse'

/** A row of k6's CSV output about the load; rows come in the order in which requests ended. */
export type K6Row =
  | { readonly kind: 'started'; readonly startMs: number }
  | { readonly kind: 'begun'; readonly op: string }
  | { readonly kind: 'connected'; readonly count: number }
  /** Time that connections took to open beside the requests that they were opened for. */
  | { readonly kind: 'connecting'; readonly durationMs: number }
  /** An iteration of the script: its request and what the script did around it. */
  | { readonly kind: 'iterated'; readonly endMs: number; readonly durationMs: number }
  | { readonly kind: 'dropped'; readonly count: number; readonly endMs: number }
  | {
      readonly kind: 'ended'
      readonly op: string
      readonly isMeasured: boolean
      /** When the answer was complete or the request had failed, in milliseconds since 1970. */
      readonly endMs: number
      /** From sending to the last byte; 0 where there was no connection. */
      readonly durationMs: number
      readonly status: number
      readonly errorCode: number
      readonly error: string
      readonly asExpected: boolean
    }

/** Of the dozen metrics that k6 writes a row of for every request, these are read. */
const metrics = new Set([
  'metric_name',
  'load_started_at',
  'requests_begun',
  'http_req_duration',
  'connections_opened',
  'connecting_ms',
  'iteration_duration',
  'dropped_iterations',
])

/**
 * The rows of k6's CSV (with K6_CSV_TIME_FORMAT=unix_micro) from a stream, of which it never holds more than a chunk.
 * What is no CSV of these metrics is passed over.
 */
export async function* readK6Csv(stream: NodeJS.ReadableStream): AsyncGenerator<K6Row> {
  const records: AsyncIterable<Record<string, string>> = stream
    .pipe(new LinesOfMetrics())
    .pipe(parse({ columns: true, relax_column_count: true, skip_records_with_error: true }))
  for await (const record of records) {
    const row = rowOf(record)
    if (row !== undefined) yield row
  }
}

function rowOf(record: Readonly<Record<string, string>>): K6Row | undefined {
  const value = Number(record['metric_value'])
  const endMs = Number(record['timestamp']) / 1000
  const tags = new URLSearchParams(record['extra_tags'])
  const op = tags.get('op') ?? ''
  switch (record['metric_name'] ?? '') {
    case 'load_started_at':
      return { kind: 'started', startMs: value }
    case 'requests_begun':
      return { kind: 'begun', op }
    case 'connections_opened':
      return { kind: 'connected', count: value }
    case 'connecting_ms':
      return { kind: 'connecting', durationMs: value }
    case 'iteration_duration':
      return { kind: 'iterated', endMs, durationMs: value }
    case 'dropped_iterations':
      return { kind: 'dropped', count: value, endMs }
    case 'http_req_duration':
      return {
        kind: 'ended',
        op,
        isMeasured: tags.get('phase') === 'measured',
        endMs,
        durationMs: value,
        status: Number(record['status'] ?? 0),
        errorCode: Number(record['error_code'] ?? 0),
        error: record['error'] ?? '',
        asExpected: record['expected_response'] === 'true',
      }
    default:
      return undefined
  }
}

/**
 * Lets through the lines that begin with a metric that is read: parsing all of them would cost five times as much. What
 * has no end is no line: k6 was cut off there.
 */
class LinesOfMetrics extends Transform {
  #rest = ''

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n')
    this.#rest = lines.pop() ?? ''
    done(null, this.#wanted(lines))
  }

  #wanted(lines: readonly string[]): Buffer {
    const wanted = lines.filter((line) => metrics.has(line.slice(0, line.indexOf(','))))
    return Buffer.from(wanted.map((line) => `${line}\n`).join(''), 'latin1')
  }
}
