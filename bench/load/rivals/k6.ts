import { fileURLToPath } from 'node:url'
import { findK6 } from '../../../src/load/k6/find-k6.ts'
import type { LoadTool, ToolReport } from './load-tool.ts'

const found = await findK6().catch(() => null)
const script = fileURLToPath(new URL('./arrivals.k6.js', import.meta.url))

interface Summary extends Omit<ToolReport, 'note'> {
  readonly dropped: number
}

/** k6 with constant-arrival-rate and a fixed number of users, the smallest script there can be, and one threshold. */
export const k6: LoadTool = {
  name: 'k6',
  version: () => found?.version ?? null,
  command: ({ url, ratePerSec, seconds, connections }) => ({
    file: found?.path ?? 'k6',
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
