import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LoadTool } from './load-tool.ts'

const entry = fileURLToPath(new URL('./run-autocannon.mjs', import.meta.url))

/** What autocannon returns with `skipAggregateResult`. */
interface RawResult {
  /** HdrHistogram V2, compressed, base64; whole milliseconds. */
  readonly latencies: string
  readonly totalCompletedRequests: number
  readonly errors: number
  readonly timeouts: number
  readonly non2xx: number
}

/** autocannon with `overallRate`, or without a rate; its percentiles from its own histogram, since it prints no P95. */
export const autocannon: LoadTool = {
  name: 'autocannon',
  version: () => {
    const manifest = new URL('../../../node_modules/autocannon/package.json', import.meta.url)
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
  },
  command: ({ url, ratePerSec, seconds, connections }) => ({
    file: process.execPath,
    args: [
      entry,
      JSON.stringify({
        url,
        connections,
        duration: seconds,
        ...(ratePerSec === null ? {} : { overallRate: ratePerSec }),
      }),
    ],
  }),
  read: ({ stdout, stderr }) => {
    if (!stdout.startsWith('{')) throw new Error(`autocannon printed no result: ${stderr.slice(-500)}`)
    const { latencies, totalCompletedRequests, errors, timeouts, non2xx } = JSON.parse(stdout) as RawResult
    const histogram = decodeFromCompressedBase64(latencies)
    const says = (percentile: number): number => histogram.getValueAtPercentile(percentile)
    return {
      // Timeouts are among the errors.
      requests: totalCompletedRequests + errors,
      failed: errors + non2xx,
      p95Ms: says(95),
      p99Ms: says(99),
      note: `P97.5 ${says(97.5)} ms, ${histogram.totalCount} latencies${timeouts === 0 ? '' : `, ${timeouts} timeouts`}`,
    }
  },
}
