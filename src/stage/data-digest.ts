import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { UsageError } from '../core/errors.ts'
import type { DatasetFill } from '../scenario/dataset.ts'
import { digestRows } from '../schema/row-digest.ts'
import { inspectFile } from '../target/location.ts'
import type { NativeConnection } from '../target/native.ts'

/**
 * Digest of the files that a dataset is filled from; empty where it is filled from none.
 * @throws UsageError DATASET_FILE for a file that cannot be read or is no database
 */
export async function digestOfFill(fill: DatasetFill): Promise<string> {
  if (fill.kind === 'sql') return digestOfFiles(fill.files)
  if (fill.kind !== 'file') return ''
  const found = await inspectFile(fill.path, 'read')
  if (found === 'database') return digestOfDatabase(fill.path)
  throw new UsageError(
    'DATASET_FILE',
    `${fill.path}: ${found === 'empty' ? 'the file is empty' : 'no such file'}`,
  )
}

/** SHA-256 of a database file with the log of what is not in it yet. */
export const digestOfDatabase = (path: string): Promise<string> =>
  digestOfFiles([path, `${path}-wal`, `${path}-journal`], 'may be absent')

async function digestOfFiles(paths: readonly string[], absent?: 'may be absent'): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
        hash.update(chunk as Buffer)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (absent !== undefined && path !== paths[0] && code === 'ENOENT') continue
      throw new UsageError('DATASET_FILE', `${path}: cannot be read (${code})`, { cause: error })
    }
  }
  return hash.digest('hex')
}

/** Digest of all rows of all tables, equal whatever file they lie in. */
export async function digestOfRows(connection: NativeConnection): Promise<string> {
  const tables = await digestRows(connection, { ids: 'exact' })
  return createHash('sha256').update(JSON.stringify(tables)).digest('hex')
}
