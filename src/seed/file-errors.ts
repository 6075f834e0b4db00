import { ForgebenchError, TargetError } from '../core/errors.ts'

const remedies: Readonly<Record<string, readonly [code: string, words: string]>> = {
  ENOSPC: ['TARGET_DISK_FULL', 'the disk is full; free some space or name a file elsewhere'],
  EDQUOT: ['TARGET_DISK_FULL', 'the disk quota is used up; free some space or name a file elsewhere'],
  EFBIG: ['TARGET_DISK_FULL', 'the file may not grow that large here; raise the limit (ulimit -f)'],
  EACCES: ['TARGET_READ_ONLY', 'no permission to write; name another folder'],
  EPERM: ['TARGET_READ_ONLY', 'no permission to write; name another folder'],
  EROFS: ['TARGET_READ_ONLY', 'the file system is read-only; name another folder'],
}

/** An error of the file system or the engine as one of ours, named after the file that the user named. */
export function asFileError(error: unknown, path: string): ForgebenchError {
  if (error instanceof TargetError && error.code === 'TARGET_DISK_FULL') {
    return new TargetError(error.code, `${path}: ${remedies['ENOSPC']![1]}`, { cause: error })
  }
  if (error instanceof ForgebenchError) return error
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException
  const [ourCode, words] = remedies[code] ?? ['TARGET_FAILED', message.split('\n')[0]!]
  return new TargetError(ourCode, `${path}: ${words}`, { cause: error })
}
