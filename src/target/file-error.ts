import { TargetError } from '../core/errors.ts'

const hints: Readonly<Record<string, readonly [code: string, text: string]>> = {
  ENOSPC: ['TARGET_DISK_FULL', 'the disk is full; free room or choose another folder with FORGEBENCH_CACHE'],
  EDQUOT: ['TARGET_DISK_FULL', 'the disk quota is used up; free room or choose another folder'],
  EACCES: ['TARGET_READ_ONLY', 'no permission to write here'],
  EPERM: ['TARGET_READ_ONLY', 'no permission to write here'],
  EROFS: ['TARGET_READ_ONLY', 'the file system is read-only'],
}

/** A file system error as one of ours, in one line with the fix; other errors pass through. */
export function asFileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const hint = hints[code]
  return hint === undefined ? error : new TargetError(hint[0], `${path}: ${hint[1]}`, { cause: error })
}
