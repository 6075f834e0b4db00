import { randomBytes } from 'node:crypto'

/** A new run's id, such as `20261124T004831Z-1f2e3d`: its start in UTC and chance. */
export const newRunId = (startedAt: Date): string =>
  `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
