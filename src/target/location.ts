import { constants } from 'node:fs'
import { access, open, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TargetError, UsageError } from '../core/errors.ts'
import type { TargetErrorCode } from './error-code.ts'

export interface FileLocation {
  readonly kind: 'file'
  /** Absolute path. */
  readonly path: string
}

/** A libSQL server. Its token is no part of it: see `--auth-token-env`. */
export interface RemoteLocation {
  readonly kind: 'remote'
  /** `http:`, `https:`, `ws:`, `wss:` or `libsql:`, without credentials. */
  readonly url: string
}

/** Where a database lives. */
export type Location = FileLocation | RemoteLocation

const remoteSchemes = ['http', 'https', 'ws', 'wss', 'libsql']

/** The scheme of a URL, such as `http`; undefined for a path, and for `file:`. */
const schemeOf = (db: string): string | undefined => /^([a-z][a-z0-9+]+):\/\//i.exec(db)?.[1]?.toLowerCase()

/**
 * Reads `--db` where a command works on files and on servers: what `parseLocation` takes, and URLs of libSQL servers.
 * @throws UsageError for anything else, and for a URL with credentials in it
 */
export function parseTarget(db: string): Location {
  const scheme = schemeOf(db)
  if (scheme === undefined || !remoteSchemes.includes(scheme)) return parseLocation(db)
  if (!URL.canParse(db)) {
    throw new UsageError('DB_URL', '--db is no valid URL; write it as in http://127.0.0.1:8080')
  }
  const url = new URL(db)
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new UsageError(
      'DB_CREDENTIALS',
      `--db ${scheme}://${url.host} takes no credentials or ?parameters; put the token into an environment variable and name it with --auth-token-env`,
    )
  }
  if (url.host === '') throw new UsageError('DB_URL', `--db ${scheme}:// names no host`)
  return { kind: 'remote', url: `${scheme}://${url.host}${url.pathname === '/' ? '' : url.pathname}` }
}

/** What `--db` of measuring commands takes too, which is no place. */
const serverDrivers = ['sqld', 'sqld-ws', 'replica']

/** Reads `--db` as a file: `file:relative.db`, `file:/absolute.db`, `file:///absolute.db`, or a plain path. */
export function parseLocation(db: string): FileLocation {
  if (db === '' || db === 'file:') {
    throw new UsageError('DB_MISSING', '--db names no file; write --db file:path/to/database.db')
  }
  if (db.startsWith('--')) {
    throw new UsageError(
      'DB_MISSING',
      `--db names no file: ${db} follows it; write --db file:path/to/database.db`,
    )
  }
  if (db.startsWith('replica:')) {
    throw new UsageError(
      'DB_SCHEME',
      '--db replica: is not supported by this command; name its server, or use --db file:path',
    )
  }
  if (serverDrivers.includes(db)) {
    throw new UsageError(
      'DB_SCHEME',
      `--db ${db} is a way to measure, for «forgebench run»; here start a server with «forgebench server start» and name its URL, or write --db file:${db} for a file of that name`,
    )
  }
  if (db.includes('?')) {
    throw new UsageError('DB_PARAMETERS', `--db takes no ?parameters: ${db.split('?')[0]} is enough`)
  }
  if (db.startsWith('file://')) return { kind: 'file', path: fileURLToPath(db) }
  if (db.startsWith('file:')) return { kind: 'file', path: resolve(db.slice('file:'.length)) }
  const scheme = schemeOf(db)
  if (scheme !== undefined) {
    throw new UsageError(
      'DB_SCHEME',
      `--db ${scheme}:// is not supported by this command; use --db file:path`,
    )
  }
  if (db === ':memory:') {
    throw new UsageError('DB_MEMORY', '--db :memory: ends with the command; use --db file:path')
  }
  return { kind: 'file', path: resolve(db) }
}

const sqliteHeader = 'SQLite format 3\0'

async function header(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0)
    return buffer.subarray(0, bytesRead).toString('latin1')
  } finally {
    await file.close()
  }
}

const refuse = (code: TargetErrorCode, message: string): never => {
  throw new UsageError(code, message)
}

/**
 * Looks before a driver opens: says what is wrong with a path in one line, because the drivers only say «14».
 * `absent` when nothing is there yet (its folder is), `empty` for a file of no bytes, `database` otherwise.
 * @throws UsageError for a folder, a missing folder, a file that is no database, missing rights
 */
export async function inspectFile(
  path: string,
  need: 'read' | 'write',
): Promise<'absent' | 'empty' | 'database'> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new TargetError('TARGET_FAILED', `cannot look at ${path}: ${error.message}`)
  })
  if (found === undefined) {
    const folder = await stat(dirname(path)).catch(() => undefined)
    if (!folder?.isDirectory()) refuse('TARGET_NOT_FOUND', `no folder ${dirname(path)}; make it first`)
    return 'absent'
  }
  if (found.isDirectory()) refuse('TARGET_IS_DIRECTORY', `${path} is a directory; name a database file in it`)
  if (!found.isFile()) refuse('TARGET_NOT_A_DATABASE', `${path} is not a regular file`)
  const mode = need === 'write' ? constants.R_OK | constants.W_OK : constants.R_OK
  await access(path, mode).catch(() =>
    refuse('TARGET_READ_ONLY', `no permission to ${need} ${path}; fix it with chmod, or name another file`),
  )
  if (found.size === 0) return 'empty'
  if ((await header(path)) !== sqliteHeader) {
    refuse('TARGET_NOT_A_DATABASE', `${path} is not a SQLite/libSQL database (or it is encrypted)`)
  }
  return 'database'
}

/** A path as a `file:` URI that SQLite reads back as the same path, whatever characters it has. */
export function fileUri(path: string): string {
  return `file:${encodeURI(path).replaceAll('?', '%3f').replaceAll('#', '%23')}`
}
