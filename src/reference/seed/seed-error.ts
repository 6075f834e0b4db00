import { ForgebenchError, TargetError } from '../../core/errors.ts'
import { asFileError } from '../../target/file-error.ts'

const diskFull = 'the disk is full; free some space, or name a file elsewhere'
const fileLimit = 'the file may not grow that large here; raise the limit (ulimit -f)'
const ioError =
  'the disk refused a write (I/O error); look at free space (df), limits (ulimit -f) and the disk'

/** Whatever stopped a seed as an error of ours, in one line that names the file that the user named. */
export function asSeedError(error: unknown, path: string): ForgebenchError {
  const targetError = (code: string, words: string): TargetError =>
    new TargetError(code, `${path}: ${words}`, { cause: error })
  const mapped = asFileError(error, path)
  if (mapped instanceof TargetError) {
    if (mapped.code === 'TARGET_DISK_FULL') return targetError(mapped.code, diskFull)
    if (mapped.message.includes('disk I/O error')) return targetError(mapped.code, ioError)
    // The user knows nothing of the name under which a database is built.
    return new TargetError(mapped.code, mapped.message.replaceAll(/\.seeding-\d+-\d+/g, ''), { cause: error })
  }
  if (mapped instanceof ForgebenchError) return mapped
  const { code, message } = error as Partial<NodeJS.ErrnoException>
  if (code === 'EFBIG') return targetError('TARGET_DISK_FULL', fileLimit)
  return targetError('TARGET_FAILED', (message ?? String(error)).split('\n')[0]!)
}
