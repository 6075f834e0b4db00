import { createHash } from 'node:crypto'
import { UsageError } from '../core/errors.ts'
import { addEffects, noEffects, type ScriptEffects } from './migration-effects.ts'
import { leadingWords, scriptStatements, type ScriptStatement } from './sql/statements.ts'

/**
 * The statements of a script that are run, without final semicolons: read from the file, one at a time, whenever they
 * are iterated over.
 */
export type ScriptStatements = Iterable<ScriptStatement>

/** A script of a migration: what is run, what is not, what it does, and what is wrong with it. */
export interface MigrationScript {
  readonly statements: ScriptStatements
  readonly statementCount: number
  /** What is skipped, each with its line: `4: PRAGMA … is skipped: …`. */
  readonly notes: readonly string[]
  /** Each with its line. */
  readonly mistakes: readonly string[]
  readonly effects: ScriptEffects
}

const refusedFirstWords = new Set(
  'BEGIN COMMIT END ROLLBACK SAVEPOINT RELEASE ATTACH DETACH VACUUM PRAGMA EXPLAIN'.split(' '),
)

/** Pragmas that generators write around a table that is rebuilt: `applyPlan` does the same for every migration. */
const doneAnyway = /^PRAGMA\s+(?:defer_)?foreign_keys?(?:_check)?\b/i

/** A file that is no script of ours may hold millions of lines that are refused. */
const mostMessages = 100

/** Where a script comes from. */
export interface ScriptSource {
  /** Its name in messages. */
  readonly name: string
  /** Reads the text from its beginning, in pieces. */
  readonly pieces: () => Iterable<string>
}

/**
 * Reads a script once, decides which of its statements are run, and passes its text on to `digest`.
 * @throws the errors of `pieces`
 */
export function readMigrationScript(
  source: ScriptSource,
  digest: (piece: string) => void = () => undefined,
): MigrationScript {
  const hash = createHash('sha256')
  const notes: string[] = []
  const mistakes: string[] = []
  const effects = noEffects()
  let statementCount = 0
  const heard = heardBy(source.pieces(), (piece) => {
    hash.update(piece)
    digest(piece)
  })
  try {
    for (const statement of scriptStatements(heard)) {
      if (isRun(statement)) {
        statementCount += 1
        addEffects(effects, statement.text)
        continue
      }
      const messages = isDoneAnyway(statement) ? notes : mistakes
      if (messages.length < mostMessages) messages.push(whyNotRun(statement))
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    mistakes.push(error.message)
  }
  if (statementCount === 0 && mistakes.length === 0) mistakes.push('1: no statement; write at least one')
  const textDigest = hash.digest('hex')
  const statements = { [Symbol.iterator]: () => statementsToRun(source, textDigest) }
  return { statements, statementCount, notes, mistakes, effects }
}

/** @throws UsageError MIGRATION_FILE_CHANGED, at the latest at the end, when the text is not what was read before */
function* statementsToRun({ name, pieces }: ScriptSource, textDigest: string): Generator<ScriptStatement> {
  const hash = createHash('sha256')
  let cause: unknown
  try {
    const heard = heardBy(pieces(), (piece) => hash.update(piece))
    for (const statement of scriptStatements(heard)) if (isRun(statement)) yield statement
    if (hash.digest('hex') === textDigest) return
  } catch (error) {
    cause = error
  }
  throw new UsageError('MIGRATION_FILE_CHANGED', `${name}: changed while the command ran; run it again`, {
    cause,
  })
}

function* heardBy(pieces: Iterable<string>, listener: (piece: string) => void): Iterable<string> {
  for (const piece of pieces) {
    listener(piece)
    yield piece
  }
}

const isRun = ({ text }: ScriptStatement): boolean => !refusedFirstWords.has(leadingWords(text, 1)[0] ?? '')

const isDoneAnyway = ({ text }: ScriptStatement): boolean => doneAnyway.test(withoutComments(text))

const whyNotRun = (statement: ScriptStatement): string =>
  isDoneAnyway(statement)
    ? `${statement.line}: ${oneLine(statement.text)} is skipped: foreign keys are off while a migration runs, and checked at its end`
    : `${statement.line}: ${leadingWords(statement.text, 1)[0]} is not for a migration: forgebench runs the script in one transaction of its own; delete ${oneLine(statement.text)}`

const withoutComments = (statement: string): string =>
  statement.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')

/** The beginning of a statement on one line, without the comments before it. */
export function oneLine(statement: string): string {
  const text = withoutComments(statement).slice(0, 1_000).replaceAll(/\s+/g, ' ').trim()
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
