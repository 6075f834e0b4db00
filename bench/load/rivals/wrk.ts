import { fileURLToPath } from 'node:url'
import { installedVersion } from './installed-version.ts'
import type { LoadTool } from './load-tool.ts'

/** wrk prints no P95 by itself. */
const percentilesScript = fileURLToPath(new URL('../../../fixtures/load/percentiles.lua', import.meta.url))

/** wrk: a closed loop without a rate; its percentiles are «corrected» afterwards (stats_correct). */
export const wrk: LoadTool = {
  name: 'wrk',
  version: () => installedVersion('wrk', ['-v'], /^wrk (\S+)/m),
  command: ({ url, seconds, connections }) => ({
    file: 'wrk',
    args: ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', percentilesScript, url],
  }),
  read: ({ stdout }) => {
    const complete = numberIn(stdout, /(\d+) requests in /)
    if (complete === null) throw new Error(`wrk printed no count of requests: ${stdout.slice(0, 500)}`)
    const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)
    const lost = (errors?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), 0)
    const badAnswers = numberIn(stdout, /Non-2xx or 3xx responses: (\d+)/) ?? 0
    return {
      requests: complete + lost,
      failed: lost + badAnswers,
      p95Ms: numberIn(stdout, /^P95 ([\d.]+) ms/m),
      p99Ms: numberIn(stdout, /P99 ([\d.]+) ms$/m),
      note: '',
    }
  },
}

function numberIn(text: string, pattern: RegExp): number | null {
  const found = pattern.exec(text)?.[1]
  return found === undefined ? null : Number(found)
}
