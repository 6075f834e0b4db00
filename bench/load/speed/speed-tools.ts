import { formatInteger } from '../../../src/core/number-format.ts'
import type { PlannedLoad } from '../measure-tool.ts'
import { autocannon } from '../rivals/autocannon.ts'
import { openTool } from '../rivals/forgebench.ts'
import { k6 } from '../rivals/k6.ts'
import type { LoadTool } from '../rivals/load-tool.ts'

const arrivals = (tool: LoadTool, ratePerSec: number) => ({ tool, ratePerSec, connections: 100 })
const peak = (tool: LoadTool) => ({ tool, ratePerSec: null, connections: 50 })
const open = openTool({ warmUpSeconds: 2 })

export const speedLoads = (seconds: number): readonly PlannedLoad[] =>
  [
    ...[2000, 5000].flatMap((rate) => [arrivals(open, rate), arrivals(k6, rate)]),
    arrivals(open, 10_000),
    peak(open),
    peak(autocannon),
  ].map((load) => ({ ...load, seconds }))

/** Ten thousand connections that few requests use. */
export const crowd = {
  tool: openTool({ workers: 2, connectRatePerSec: 2000, warmUpSeconds: 2 }),
  ratePerSec: 2000,
  connections: 10_000,
} as const

export function nameOf({ tool, ratePerSec }: PlannedLoad): string {
  if (ratePerSec === null) return tool.name === 'open' ? 'open, peak' : `${tool.name}, closed loop`
  return `${tool.name}, ${formatInteger(ratePerSec)} arrivals/s`
}
