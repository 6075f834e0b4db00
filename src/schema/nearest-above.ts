import { access, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * What belongs to the project of a file: the first that `find` finds in the folder of the file or in one above, up to
 * `top`, else up to the folder of the git repository. Where a link has none, it is looked for from the file that it leads
 * to. Undefined where there is none.
 */
export async function nearestAbove(
  path: string,
  top: string | undefined,
  find: (folder: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const beside = await foundAbove(path, top, find)
  const file = await realpath(path).catch(() => path)
  return beside ?? (file === path ? undefined : foundAbove(file, top, find))
}

async function foundAbove(
  path: string,
  top: string | undefined,
  find: (folder: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await find(folder)
    if (found !== undefined) return found
    const isTop = top === undefined ? await exists(join(folder, '.git')) : folder === top
    if (isTop || folder === dirname(folder)) return undefined
  }
}
