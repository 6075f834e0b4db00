import { randomBytes } from 'node:crypto'

/** The id of a Run: when it started, in UTC, and a few random letters. */
export function newRunId(startedAt: Date): string {
  const stamp = startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${stamp}-${randomBytes(3).toString('hex')}`
}
