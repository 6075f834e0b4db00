import { formatInteger } from '../../../src/core/number-format.ts'
import { autocannon } from '../rivals/autocannon.ts'
import { openTool } from '../rivals/forgebench.ts'
import { k6 } from '../rivals/k6.ts'
import type { LoadTool } from '../rivals/load-tool.ts'

export interface SpeedEntry {
  readonly tool: LoadTool
  /** Null is a closed loop. */
  readonly ratePerSec: number | null
  readonly connections: number
}

const arrivals = (tool: LoadTool, ratePerSec: number): SpeedEntry => ({ tool, ratePerSec, connections: 100 })
const peak = (tool: LoadTool): SpeedEntry => ({ tool, ratePerSec: null, connections: 50 })
const open = openTool('open', { warmUpSeconds: 2 })

export const speedEntries: readonly SpeedEntry[] = [
  ...[2000, 5000].flatMap((rate) => [arrivals(open, rate), arrivals(k6, rate)]),
  arrivals(open, 10_000),
  peak(open),
  peak(autocannon),
]

/** Ten thousand connections that few requests use. */
export const crowd = {
  tool: openTool('open', { workers: 2, connectRatePerSec: 2000, warmUpSeconds: 2 }),
  ratePerSec: 2000,
  connections: 10_000,
} as const satisfies SpeedEntry

export function nameOf({ tool, ratePerSec }: SpeedEntry): string {
  if (ratePerSec === null) return tool.name === 'open' ? 'open, peak' : `${tool.name}, closed loop`
  return `${tool.name}, ${formatInteger(ratePerSec)} arrivals/s`
}
