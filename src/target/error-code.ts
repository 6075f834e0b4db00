/** What can go wrong with a target, as stable codes; a driver's own codes never leave this room. */
export type TargetErrorCode =
  | 'TARGET_NOT_FOUND'
  | 'TARGET_IS_DIRECTORY'
  | 'TARGET_NOT_A_DATABASE'
  | 'TARGET_READ_ONLY'
  | 'TARGET_BUSY'
  | 'TARGET_DISK_FULL'
  | 'TARGET_CORRUPT'
  | 'TARGET_CONSTRAINT'
  | 'TARGET_SQL'
  | 'TARGET_UNREACHABLE'
  | 'TARGET_DENIED'
  | 'TARGET_TOKEN_MISSING'
  | 'TARGET_TOKEN_INVALID'
  | 'TARGET_TOKEN_EXPIRED'
  | 'TARGET_TOKEN_READ_ONLY'
  | 'TARGET_OVERLOADED'
  | 'TARGET_TRANSACTION_TIMEOUT'
  | 'TARGET_STREAM_EXPIRED'
  | 'TARGET_RESPONSE_TOO_LARGE'
  | 'TARGET_BLOCKED'
  | 'TARGET_FAILED'

const byResultCode: Readonly<Record<string, TargetErrorCode>> = {
  SQLITE_BUSY: 'TARGET_BUSY',
  SQLITE_LOCKED: 'TARGET_BUSY',
  SQLITE_READONLY: 'TARGET_READ_ONLY',
  SQLITE_FULL: 'TARGET_DISK_FULL',
  SQLITE_NOTADB: 'TARGET_NOT_A_DATABASE',
  SQLITE_CORRUPT: 'TARGET_CORRUPT',
  SQLITE_CONSTRAINT: 'TARGET_CONSTRAINT',
  SQLITE_ERROR: 'TARGET_SQL',
  SQLITE_CANTOPEN: 'TARGET_NOT_FOUND',
}

/** Primary result codes of SQLite by number, as `node:sqlite` gives them. */
const names: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  19: 'SQLITE_CONSTRAINT',
  26: 'SQLITE_NOTADB',
}

/** Maps a driver's error (SQLite result codes by name or number, primary or extended) to our stable code. */
export function targetErrorCode(error: unknown): TargetErrorCode {
  if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
    return byResultCode[names[error.errcode & 0xff] ?? ''] ?? 'TARGET_FAILED'
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const primary = code.split('_').slice(0, 2).join('_')
  return byResultCode[primary] ?? 'TARGET_FAILED'
}
