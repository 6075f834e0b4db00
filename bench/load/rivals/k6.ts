import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadTool, ToolReport } from './load-tool.ts'

const file = process.env['K6_BIN'] ?? 'k6'
const script = fileURLToPath(new URL('./arrivals.k6.js', import.meta.url))

interface Summary extends Omit<ToolReport, 'note'> {
  readonly dropped: number
}

/** k6 with constant-arrival-rate and a fixed number of users, the smallest script there can be, and one threshold. */
export const k6: LoadTool = {
  name: 'k6',
  version: () => {
    const { error, stdout } = spawnSync(file, ['version'], { encoding: 'utf8', timeout: 10_000 })
    return error === undefined ? (/k6(?:\.exe)? v(\S+)/.exec(stdout)?.[1] ?? 'unknown version') : null
  },
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
    const { dropped, ...summary } = JSON.parse(line) as Summary
    const verdict =
      exitCode === 0 ? 'P95 < 200 ms passes' : exitCode === 99 ? 'P95 < 200 ms fails' : `exit ${exitCode}`
    return { ...summary, note: dropped === 0 ? verdict : `${verdict}, ${dropped} dropped` }
  },
}
