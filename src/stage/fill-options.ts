import { TargetError } from '../core/errors.ts'

export interface FillOptions {
  readonly signal: AbortSignal
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void
}

/** What happened to the file, and says nothing of the rows. */
export const isOfFile = (error: unknown): boolean =>
  error instanceof TargetError && ['TARGET_DISK_FULL', 'TARGET_BUSY', 'TARGET_READ_ONLY'].includes(error.code)
