import { randomUUID } from 'node:crypto'
import { realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TargetError, UsageError } from '../../core/errors.ts'
import { makeFolder } from '../../target/make-folder.ts'

/** What is written, and the code of the error where the place cannot be written to. */
export interface FileKind {
  readonly what: string
  readonly code: string
}

/**
 * Writes a file so that it is there as a whole or not at all. A device or a pipe is written to as it is.
 * @throws TargetError TARGET_DISK_FULL; UsageError with the code of `kind` when the place cannot be written to
 */
export async function writeWhole(path: string, text: string, kind: FileKind): Promise<void> {
  await replaceFile(path, text).catch((error: unknown) => {
    throw unwritable(path, kind, error)
  })
}

/** As `writeWhole`; folders are made as needed, and the last of them goes again when the file cannot be written. */
export async function writeWithFolders(path: string, text: string, kind: FileKind): Promise<void> {
  const folder = dirname(path)
  const made = await makeFolder(folder).catch((error: unknown) => {
    throw unwritable(path, kind, error)
  })
  await writeWhole(path, text, kind).catch(async (error: unknown) => {
    if (made) await rmdir(folder).catch(() => undefined)
    throw error
  })
}

async function replaceFile(path: string, text: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined && !found.isFile()) return writeFile(path, text)
  const target = found === undefined ? path : await realpath(path)
  // The temporary file lies beside the final one because a rename is atomic within one file system only.
  const temporary = `${target}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(temporary, text, { flush: true, ...(found === undefined ? {} : { mode: found.mode }) })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    // A file that may be written to, in a folder that may not.
    if (found === undefined || !isRefused(error)) throw error
    await writeFile(target, text)
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

const isRefused = (error: unknown): boolean => ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))

function unwritable(path: string, { what, code }: FileKind, error: unknown): UsageError | TargetError {
  if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') {
    const fix = 'the disk is full; free room or name another place'
    return new TargetError('TARGET_DISK_FULL', `${path}: cannot write ${what}: ${fix}`, { cause: error })
  }
  const why = codeOf(error) || (error instanceof Error ? error.message : String(error))
  return new UsageError(
    code,
    `${path}: cannot write ${what} (${why}); name a file in a folder that you may write to`,
    { cause: error },
  )
}
