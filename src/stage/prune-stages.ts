import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const defaultMostBytes = 12e9
/** Folders of work in progress carry the process id of their maker. */
const inProgress = /(?:building|clones)-(\d+)/

/** Removes what dead processes left, then the stages unused for longest until the rest fits; never those in `keep`. */
export async function pruneStages(
  root: string,
  keep: ReadonlySet<string>,
  mostBytes: number = defaultMostBytes,
): Promise<void> {
  const stages: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = []
  for (const name of await readdir(root)) {
    const path = join(root, name)
    const maker = inProgress.exec(name)?.[1]
    if (maker !== undefined) {
      if (!isAlive(Number(maker))) await rm(path, { recursive: true, force: true })
    } else {
      const found = await stat(path).catch(() => undefined)
      if (found?.isDirectory()) stages.push({ path, bytes: await folderBytes(path), usedMs: found.mtimeMs })
    }
  }
  let bytes = stages.reduce((sum, stage) => sum + stage.bytes, 0)
  for (const stage of stages.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= mostBytes) return
    if (keep.has(stage.path)) continue
    await rm(stage.path, { recursive: true, force: true })
    bytes -= stage.bytes
  }
}

/** What another process takes away meanwhile, such as the log of a database that it closes, counts nothing. */
async function folderBytes(folder: string): Promise<number> {
  const sizes = (await readdir(folder).catch(() => [])).map(
    async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0,
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
