import { installedVersion } from './installed-version.ts'
import type { LoadTool } from './load-tool.ts'

/** hey: as many workers as connections, each with its share of the rate, which it cannot make up for when it is held up. */
export const hey: LoadTool = {
  name: 'hey',
  // It does not know its version.
  version: () => (installedVersion('hey', [], /(Usage)/) === null ? null : '(no version)'),
  command: ({ url, ratePerSec, seconds, connections }) => ({
    file: 'hey',
    args: [
      '-z',
      `${seconds}s`,
      '-c',
      String(connections),
      ...(ratePerSec === null ? [] : ['-q', String(ratePerSec / connections)]),
      url,
    ],
  }),
  read: ({ stdout }) => {
    if (!stdout.includes('Summary:')) throw new Error(`hey printed no summary: ${stdout.slice(0, 500)}`)
    const answered = sumOf(stdout, /^\s+\[\d{3}\]\s+(\d+) responses$/gm)
    const failed = sumOf(errorsOf(stdout), /^\s+\[(\d+)\]/gm)
    return {
      requests: answered + failed,
      failed,
      p95Ms: percentile(stdout, 95),
      p99Ms: percentile(stdout, 99),
      note: '',
    }
  },
}

const errorsOf = (stdout: string): string => stdout.split('Error distribution:')[1] ?? ''

const sumOf = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0)

function percentile(stdout: string, percent: number): number | null {
  const seconds = new RegExp(`^\\s+${percent}% in ([\\d.]+) secs$`, 'm').exec(stdout)?.[1]
  return seconds === undefined ? null : Number(seconds) * 1000
}
