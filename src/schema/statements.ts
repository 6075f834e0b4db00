import { sqlTokens, type SqlToken } from './sql-tokens.ts'

/**
 * Splits a script into its statements, without the final semicolons. Semicolons in strings, quoted names and
 * comments do not split; a CREATE TRIGGER ends at `; END ;` (the rule of SQLite's sqlite3_complete). Pieces that
 * hold only comments are dropped.
 */
export function splitStatements(script: string): readonly string[] {
  const statements: string[] = []
  let tokens: SqlToken[] = []
  const finish = (): void => {
    if (tokens.some((token) => token.kind !== 'space')) {
      statements.push(
        tokens
          .map((token) => token.text)
          .join('')
          .trim(),
      )
    }
    tokens = []
  }
  for (const token of sqlTokens(script)) {
    if (token.kind === 'semicolon' && !insideTrigger(tokens)) finish()
    else tokens.push(token)
  }
  finish()
  return statements
}

/** The first words of a statement in upper case, such as `['CREATE', 'TEMP', 'TRIGGER']`. */
export function leadingWords(statement: string, count: number): readonly string[] {
  return words(sqlTokens(statement)).slice(0, count)
}

const words = (tokens: readonly SqlToken[]): readonly string[] =>
  tokens.filter((token) => token.kind === 'word').map((token) => token.text.toUpperCase())

function insideTrigger(tokens: readonly SqlToken[]): boolean {
  if (!/^CREATE (TEMP |TEMPORARY )?TRIGGER\b/.test(words(tokens.slice(0, 8)).join(' '))) return false
  const [last, beforeLast] = tokens.filter((token) => token.kind !== 'space').toReversed()
  return !(last?.text.toUpperCase() === 'END' && beforeLast?.kind === 'semicolon')
}
