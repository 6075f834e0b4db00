import { ForgebenchError, TargetError } from '../core/errors.ts'
import { asFileError } from '../target/file-error.ts'

/** Whatever stopped a seed as an error of ours, named after the file that the user named. */
export function asSeedError(error: unknown, path: string): ForgebenchError {
  const mapped = asFileError(error, path)
  if (mapped instanceof TargetError && mapped.code === 'TARGET_DISK_FULL') {
    return new TargetError(
      mapped.code,
      `${path}: the disk is full; free some space, or name a file elsewhere`,
      { cause: error },
    )
  }
  if (mapped instanceof ForgebenchError) return mapped
  const { code, message } = error as Partial<NodeJS.ErrnoException>
  if (code === 'EFBIG') {
    const words = 'the file may not grow that large here; raise the limit (ulimit -f)'
    return new TargetError('TARGET_DISK_FULL', `${path}: ${words}`, { cause: error })
  }
  return new TargetError('TARGET_FAILED', `${path}: ${(message ?? String(error)).split('\n')[0]}`, {
    cause: error,
  })
}
