import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are not there. Node's own recursive `mkdir` never ends where a file system
 * says of a folder that is there that it is not, as `/proc` does.
 * @returns true when it was made now
 * @throws the file system's error
 */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolder(dirname(path))
      // Another process may make it at the same time.
      await mkdir(path).catch(async (again: unknown) => {
        if (!(await isFolder(path))) throw again
      })
      return true
    }
    if (await isFolder(path)) return false
    throw error
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
