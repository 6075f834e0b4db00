import type { TimedCommand, TimedResult } from './timed-process.ts'

/** What a tool is asked to do. */
export interface ToolLoad {
  readonly url: string
  /** Requests per second; null is as fast as answers allow. */
  readonly ratePerSec: number | null
  readonly seconds: number
  /** Connections; of k6, virtual users. */
  readonly connections: number
}

/** What a tool says of what it has done, in its own words. */
export interface ToolReport {
  /** Requests that it says it made, failed ones included. */
  readonly requests: number
  readonly failed: number
  /** Null where it says none. */
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  /** What else it says that matters, or nothing. */
  readonly note: string
}

/** A load tool as its users run it. */
export interface LoadTool {
  readonly name: string
  /** Its version, or null when it is not installed. */
  readonly version: () => string | null
  readonly command: (load: ToolLoad) => TimedCommand
  /** @throws Error when the output is not what this tool prints */
  readonly read: (result: Pick<TimedResult, 'stdout' | 'stderr' | 'exitCode'>) => ToolReport
}
