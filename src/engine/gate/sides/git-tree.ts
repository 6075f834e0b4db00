import { spawn } from 'node:child_process'
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { TargetError } from '../../../core/errors.ts'
import { asFileError } from '../../../target/file-error.ts'
import {
  foldersAbove,
  gitEnvironment,
  listTree,
  type CommittedFile,
  type TreeEntry,
} from './git-repository.ts'

const symbolicLink = '120000'
/** What is larger is no code; a scenario that needs it says so when it is loaded. */
const mostFileBytes = 32e6

/**
 * Writes the files of a commit into a folder, byte by byte as they were committed: no filters, no line endings, no
 * attributes, and nothing of the working tree or the index is touched. Packages that are installed in the working tree
 * are linked, where the committed file looks for them.
 * @throws TargetError when git breaks off or the disk is full
 */
export async function writeTree({ root, commit, path }: CommittedFile, folder: string): Promise<void> {
  const entries = await listTree(root, commit)
  try {
    await writeEntries(root, entries, folder)
    for (const above of foldersAbove(path)) {
      const installed = join(root, above, 'node_modules')
      if ((await stat(installed).catch(() => undefined))?.isDirectory() !== true) continue
      await mkdir(join(folder, above), { recursive: true })
      await symlink(installed, join(folder, above, 'node_modules'), 'junction').catch(() => undefined)
    }
  } catch (error) {
    throw asFileError(error, folder)
  }
}

async function writeEntries(root: string, entries: readonly TreeEntry[], folder: string): Promise<void> {
  const child = spawn('git', ['cat-file', '--batch'], {
    cwd: root,
    env: gitEnvironment(),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(entries.map(({ object }) => `${object}\n`).join(''))
  const output = new ByteReader(child.stdout)
  try {
    for (const entry of entries) {
      const content = await nextObject(output)
      await writeEntry(entry, content, folder)
    }
  } finally {
    child.kill()
  }
}

/** `<id> blob <bytes>`, the bytes, a line feed (git-cat-file(1), batch output). */
async function nextObject(output: ByteReader): Promise<Buffer> {
  const bytes = Number(/ blob (\d+)$/.exec(await output.line())?.[1])
  if (!Number.isSafeInteger(bytes)) throw new TargetError('GIT_FAILED', 'git cat-file broke off; try again')
  const content = await output.take(bytes)
  await output.take(1)
  return content
}

async function writeEntry({ mode, path }: TreeEntry, content: Buffer, folder: string): Promise<void> {
  const to = join(folder, path)
  if (content.length > mostFileBytes || !isInside(folder, to)) return
  await mkdir(dirname(to), { recursive: true })
  if (mode !== symbolicLink) return writeFile(to, content)
  const target = content.toString()
  if (isInside(folder, resolve(dirname(to), target))) await symlink(target, to)
}

const isInside = (folder: string, path: string): boolean => resolve(path).startsWith(resolve(folder) + sep)

/** Lines and numbers of bytes from a stream, in turn. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** The next chunk; throws at the end of the stream. */
  async #next(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next()
    if (done === true) throw new TargetError('GIT_FAILED', 'git cat-file broke off; try again')
    return value as Buffer
  }

  async line(): Promise<string> {
    let end = this.#rest.indexOf(10)
    while (end < 0) {
      this.#rest = Buffer.concat([this.#rest, await this.#next()])
      end = this.#rest.indexOf(10)
    }
    const line = this.#rest.subarray(0, end).toString('latin1')
    this.#rest = this.#rest.subarray(end + 1)
    return line
  }

  async take(bytes: number): Promise<Buffer> {
    const parts = [this.#rest]
    let held = this.#rest.length
    while (held < bytes) {
      const chunk = await this.#next()
      parts.push(chunk)
      held += chunk.length
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts)
    this.#rest = all.subarray(bytes)
    return all.subarray(0, bytes)
  }
}
