import { randomBytes } from 'node:crypto'
import { runFormatVersion, type Run } from './run.ts'

/** A new run's id, such as `20261124T004831Z-1f2e3d`: its start in UTC and chance. */
export const newRunId = (startedAt: Date): string =>
  `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`

export interface RunTimes {
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly status: Run['status']
  /** Version of forgebench. */
  readonly version: string
}

type RunHeader = Pick<Run, 'format' | 'version' | 'id' | 'status' | 'startedAt' | 'finishedAt' | 'forgebench'>

/** What every Run begins with. */
export const runHeader = ({ startedAt, finishedAt, status, version }: RunTimes): RunHeader => ({
  format: 'forgebench-run',
  version: runFormatVersion,
  id: newRunId(startedAt),
  status,
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt.toISOString(),
  forgebench: version,
})
