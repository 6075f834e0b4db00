import { fileURLToPath } from 'node:url'
import { installedVersion } from './installed-version.ts'
import type { LoadTool } from './load-tool.ts'

const file = process.env['K6_BIN'] ?? 'k6'
const script = fileURLToPath(new URL('../../../fixtures/load/arrivals.k6.js', import.meta.url))

interface Summary {
  readonly requests: number
  readonly failed: number
  readonly dropped: number
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly passed: boolean
}

/** k6 with constant-arrival-rate and a fixed number of users, the smallest script there can be, and one threshold. */
export const k6: LoadTool = {
  name: 'k6',
  version: () => installedVersion(file, ['version'], /k6(?:\.exe)? v(\S+)/),
  command: ({ url, ratePerSec, seconds, connections }) => ({
    file,
    args: ['run', '--quiet', '--no-usage-report', '--address', '', script],
    env: {
      BASE_URL: url,
      RATE: String(ratePerSec),
      SECONDS: String(seconds),
      USERS: String(connections),
    },
  }),
  read: ({ stdout, stderr, exitCode }) => {
    const line = stdout.split('\n').find((text) => text.startsWith('{'))
    if (line === undefined) throw new Error(`k6 printed no summary: ${(stdout + stderr).slice(0, 500)}`)
    const { requests, failed, dropped, p95Ms, p99Ms } = JSON.parse(line) as Summary
    const verdict =
      exitCode === 0 ? 'P95 < 200 ms passes' : exitCode === 99 ? 'P95 < 200 ms fails' : `exit ${exitCode}`
    return {
      requests,
      failed,
      p95Ms,
      p99Ms,
      note: dropped === 0 ? verdict : `${verdict}, ${dropped} dropped`,
    }
  },
}
