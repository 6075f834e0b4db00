import { autocannon } from '../rivals/autocannon.ts'
import { openTool } from '../rivals/forgebench.ts'
import { hey } from '../rivals/hey.ts'
import { k6 } from '../rivals/k6.ts'
import type { LoadTool } from '../rivals/load-tool.ts'
import { wrk } from '../rivals/wrk.ts'

export interface SpeedEntry {
  readonly tool: LoadTool
  readonly ratePerSec: number | null
  readonly connections: number
}

export const isOpenLoop = ({ ratePerSec }: SpeedEntry): boolean => ratePerSec !== null
/** The rate of the promises. */
export const promisedRate = 5000

const arrivals = (tool: LoadTool, ratePerSec: number): SpeedEntry => ({ tool, ratePerSec, connections: 100 })
const peak = (tool: LoadTool): SpeedEntry => ({ tool, ratePerSec: null, connections: 50 })
const open = (workers: number): LoadTool => openTool('open', { workers, warmUpSeconds: 2 })

export const speedEntries: readonly SpeedEntry[] = [
  arrivals(open(1), 2000),
  arrivals(k6, 2000),
  arrivals(open(1), promisedRate),
  arrivals(k6, promisedRate),
  arrivals(open(1), 10_000),
  peak(open(1)),
  peak(autocannon),
  peak(hey),
  peak(wrk),
]

/** Ten thousand connections that few requests use. */
export const crowd = {
  tool: openTool('open', { workers: 2, connectRatePerSec: 2000, warmUpSeconds: 2 }),
  ratePerSec: 2000,
  connections: 10_000,
} as const satisfies SpeedEntry
