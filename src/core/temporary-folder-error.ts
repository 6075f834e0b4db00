import { TargetError } from './errors.ts'

/**
 * What a temporary folder refuses, in one line with what to do; other errors are returned as they are. `subject` is what
 * needs the folder, such as `migration initial`.
 */
export function temporaryFolderError(subject: string, folder: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const full = ['ENOSPC', 'EDQUOT', 'TARGET_DISK_FULL'].includes(code)
  if (!full && !['ENOENT', 'ENOTDIR', 'EACCES', 'EROFS'].includes(code)) return error
  const why = full ? 'its disk is full' : code
  return new TargetError(
    full ? 'TARGET_DISK_FULL' : 'TARGET_READ_ONLY',
    `${subject}: cannot use the temporary folder ${folder} (${why}); free room, or set TMPDIR to another folder`,
    { cause: error },
  )
}
