import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { closest } from 'fastest-levenshtein'
import { childEnvironment } from '../../../core/child-environment.ts'
import { UsageError } from '../../../core/errors.ts'

/**
 * Git only looks: nothing is refreshed on the way, and its words are those that we know. The repository is the one that
 * the scenario lies in, also when a hook of another calls.
 */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return { ...childEnvironment(), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
}

const run = promisify(execFile)
const mostOutputBytes = 256e6

/** Output of a git command; undefined when it ends with an error. @throws UsageError GIT_MISSING */
async function git(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const options = { cwd: folder, env: gitEnvironment(), maxBuffer: mostOutputBytes }
    return (await run('git', args, options)).stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new UsageError('GIT_MISSING', 'there is no git here; install it', { cause: error })
    }
    return undefined
  }
}

/** A file of a git repository, at a commit. */
export interface CommittedFile {
  /** Absolute path of the working tree's top. */
  readonly root: string
  /** Full id of the commit. */
  readonly commit: string
  /** Path below `root`, with slashes. */
  readonly path: string
}

/**
 * The file of a path as a revision has it.
 * @throws UsageError GIT_MISSING, NOT_IN_GIT, REVISION_UNKNOWN with the nearest one, or NOT_IN_REVISION
 */
export async function committedFile(path: string, revision: string): Promise<CommittedFile> {
  const { folder, rest } = await existingFolder(path)
  const place = await git(folder, 'rev-parse', '--show-toplevel', '--show-prefix')
  const [root, prefix = ''] = place?.split('\n') ?? []
  if (root === undefined || root === '') {
    throw new UsageError('NOT_IN_GIT', `${folder} is in no git repository that this user may read`)
  }
  const commit = (
    await git(folder, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)
  )?.trim()
  if (commit === undefined) throw await unknownRevision(folder, revision)
  const inside = `${prefix}${rest}`
  if ((await git(root, 'cat-file', '-e', `${commit}:${inside}`)) === undefined) {
    throw new UsageError('NOT_IN_REVISION', `revision ${revision} has no ${inside}`)
  }
  return { root, commit, path: inside }
}

/** The nearest folder above that is there: the revision may have folders that the working tree has not. */
async function existingFolder(path: string): Promise<{ readonly folder: string; readonly rest: string }> {
  let folder = dirname(path)
  let rest = basename(path)
  while (folder !== dirname(folder) && (await stat(folder).catch(() => undefined)) === undefined) {
    rest = `${basename(folder)}/${rest}`
    folder = dirname(folder)
  }
  return { folder, rest }
}

async function unknownRevision(folder: string, revision: string): Promise<UsageError> {
  const refs = (await git(folder, 'for-each-ref', '--format=%(refname:short)')) ?? ''
  const names = refs.split('\n').filter((name) => name !== '')
  const shallow = (await git(folder, 'rev-parse', '--is-shallow-repository'))?.trim() === 'true'
  const guess = names.length === 0 ? '' : `; did you mean ${closest(revision, names)}?`
  const fetch = shallow ? ' (this clone is shallow: git fetch what is missing first)' : ''
  return new UsageError('REVISION_UNKNOWN', `no revision ${revision} here${guess}${fetch}`)
}

/** An entry of a commit's tree. */
export interface TreeEntry {
  readonly mode: string
  readonly object: string
  readonly path: string
}

/** All files and links of a commit; submodules are left out. */
export async function listTree(root: string, commit: string): Promise<readonly TreeEntry[]> {
  const listing = (await git(root, 'ls-tree', '-r', '-z', '--full-tree', commit)) ?? ''
  return listing.split('\0').flatMap((line): TreeEntry[] => {
    const [, mode, type, object, path] = /^(\d+) (\w+) ([0-9a-f]+)\t(.+)$/s.exec(line) ?? []
    return type === 'blob' && mode !== undefined && object !== undefined && path !== undefined
      ? [{ mode, object, path }]
      : []
  })
}

/** Folders from the one that holds `path` up to the top, as paths below the top; the top itself is ''. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return Array.from({ length: parts.length + 1 }, (_, index) => join(...parts.slice(0, index), ''))
}
