import { setImmediate } from 'node:timers/promises'
import { errorText } from '../core/error-text.ts'
import { ForgebenchError, InterruptedError, UsageError } from '../core/errors.ts'
import { sqlFilePieces } from '../schema/sql/sql-file.ts'
import { leadingWords, scriptStatements } from '../schema/sql/statements.ts'
import type { NativeConnection } from '../target/native.ts'
import { isOfFile } from './fill-options.ts'

/** Between so many statements a signal gets its turn. */
const statementsAtOnce = 5000

/** What dumps write around their statements: each file is one transaction here, without foreign keys. */
const aroundDump = new Set(['BEGIN', 'COMMIT', 'END', 'PRAGMA'])

/** What would leave the database that is filled, with the reason. */
const refused: Readonly<Record<string, string>> = {
  ATTACH: 'opens another database, and a dataset fills its own alone; take it out',
  DETACH: 'is of another database, and a dataset fills its own alone; take it out',
  VACUUM: 'cannot be run here; take it out',
  ROLLBACK:
    'undoes what stands before it; take it out, or make the dump anew: sqlite3 ends that of a damaged database so',
}

/**
 * Runs SQL files, each in one transaction.
 * @throws UsageError DATASET_SQL with file and line; TargetError when the disk is full; InterruptedError
 */
export async function runSqlFiles(
  connection: NativeConnection,
  files: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  // A dump may have been split into several files.
  let open: string | undefined
  for (const file of files) {
    let count = 0
    connection.scriptSync('BEGIN')
    for (const { text, line } of statementsOf(file)) {
      const [word = ''] = leadingWords(text, 1)
      if (word === 'BEGIN') open = `${file}:${line}`
      if (word === 'COMMIT' || word === 'END') open = undefined
      if (!aroundDump.has(word)) runStatement(connection, text, word, `${file}:${line}`)
      if ((count += 1) % statementsAtOnce > 0) continue
      await setImmediate()
      if (signal.aborted) throw new InterruptedError()
    }
    connection.scriptSync('COMMIT')
  }
  if (open === undefined) return
  throw new UsageError('DATASET_SQL', `${open}: BEGIN without COMMIT: the dump was cut short; make it anew`)
}

function* statementsOf(file: string): ReturnType<typeof scriptStatements> {
  try {
    yield* scriptStatements(sqlFilePieces(file, 'refuse'))
  } catch (error) {
    if (error instanceof ForgebenchError)
      throw new UsageError('DATASET_SQL', `${file}:${error.message}`, { cause: error })
    if (!(error instanceof TypeError)) throw error
    const fix = 'convert it, such as with iconv -f latin1 -t utf-8'
    throw new UsageError('DATASET_SQL', `${file}: holds text that is not UTF-8; ${fix}`, { cause: error })
  }
}

function runStatement(connection: NativeConnection, text: string, word: string, place: string): void {
  const reason = refused[word]
  if (reason !== undefined) throw new UsageError('DATASET_SQL', `${place}: ${word} ${reason}`)
  try {
    connection.scriptSync(text)
  } catch (error) {
    if (isOfFile(error)) throw error
    throw new UsageError('DATASET_SQL', `${place}: ${errorText(error)}`, { cause: error })
  }
}
