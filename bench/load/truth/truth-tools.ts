import { autocannon } from '../rivals/autocannon.ts'
import { openTool } from '../rivals/forgebench.ts'
import { hey } from '../rivals/hey.ts'
import { k6 } from '../rivals/k6.ts'
import type { LoadTool } from '../rivals/load-tool.ts'
import { wrk } from '../rivals/wrk.ts'

export interface TruthEntry {
  readonly tool: LoadTool
  readonly connections: number
  /** False for a tool that knows no rate: no schedule says what it should have seen. */
  readonly keepsRate: boolean
}

/** More than the answers under way at the mean, as people choose it who know the mean. */
const few = 40

/** `enough` is more than arrive in the longest stall. */
export const truthEntries = (enough: number): readonly TruthEntry[] => [
  { tool: openTool('open'), connections: few, keepsRate: true },
  { tool: openTool('open'), connections: enough, keepsRate: true },
  { tool: k6, connections: few, keepsRate: true },
  { tool: k6, connections: enough, keepsRate: true },
  { tool: autocannon, connections: few, keepsRate: true },
  { tool: hey, connections: few, keepsRate: true },
  { tool: wrk, connections: 10, keepsRate: false },
]
