import { leadingWords, scriptStatements } from './statements.ts'

/** A script of a migration: what is run, what is not, and what is wrong with it. */
export interface MigrationScript {
  readonly statements: readonly string[]
  /** What is skipped, each with its line: `4: PRAGMA … is skipped: …`. */
  readonly notes: readonly string[]
  /** Each with its line. */
  readonly mistakes: readonly string[]
}

const refusedFirstWords = new Set(
  'BEGIN COMMIT END ROLLBACK SAVEPOINT RELEASE ATTACH DETACH VACUUM PRAGMA EXPLAIN'.split(' '),
)

/** Pragmas that generators write around a table that is rebuilt: `applyPlan` does the same for every migration. */
const doneAnyway = /^PRAGMA\s+(?:defer_)?foreign_keys?(?:_check)?\b/i

/** Reads a script and decides which of its statements are run. Never throws. */
export function readMigrationScript(script: string): MigrationScript {
  const all = scriptStatements(script)
  const notes: string[] = []
  const mistakes: string[] = []
  const statements: string[] = []
  for (const { text, line } of all) {
    const [first = ''] = leadingWords(text, 1)
    if (!refusedFirstWords.has(first)) statements.push(text)
    else if (doneAnyway.test(withoutComments(text))) {
      notes.push(
        `${line}: ${oneLine(text)} is skipped: foreign keys are off while a migration runs, and checked at its end`,
      )
    } else {
      mistakes.push(
        `${line}: ${first} is not for a migration: forgebench runs the script in one transaction of its own; delete ${oneLine(text)}`,
      )
    }
  }
  if (statements.length === 0 && mistakes.length === 0) mistakes.push('1: no statement; write at least one')
  return { statements, notes, mistakes }
}

const withoutComments = (statement: string): string =>
  statement.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')

function oneLine(statement: string): string {
  const text = withoutComments(statement).replaceAll(/\s+/g, ' ').trim()
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
