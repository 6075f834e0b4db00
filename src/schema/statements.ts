import { sqlTokens, type SqlToken } from './sql-tokens.ts'

/**
 * Splits a script into its statements, without the final semicolons. Semicolons in strings, quoted names and
 * comments do not split; a CREATE TRIGGER ends at `; END ;` (the rule of SQLite's sqlite3_complete). Pieces that
 * hold only comments are dropped.
 */
export const splitStatements = (script: string): readonly string[] =>
  scriptStatements(script).map(({ text }) => text)

/** A statement of a script, without its final semicolon. */
export interface ScriptStatement {
  readonly text: string
  /** The line of the script on which it begins, from 1; comments before it do not count. */
  readonly line: number
}

/** As `splitStatements`, with the lines of the statements. */
export function scriptStatements(script: string): readonly ScriptStatement[] {
  const statements: ScriptStatement[] = []
  let tokens: SqlToken[] = []
  let linesBefore = 0
  const finish = (): void => {
    const begins = tokens.findIndex((token) => token.kind !== 'space')
    if (begins >= 0) {
      const line = linesBefore + lineBreaks(tokens.slice(0, begins)) + 1
      statements.push({ text: textOf(tokens).trim(), line })
    }
    linesBefore += lineBreaks(tokens)
    tokens = []
  }
  for (const token of sqlTokens(script)) {
    if (token.kind === 'semicolon' && !insideTrigger(tokens)) finish()
    else tokens.push(token)
  }
  finish()
  return statements
}

const textOf = (tokens: readonly SqlToken[]): string => tokens.map(({ text }) => text).join('')

const lineBreaks = (tokens: readonly SqlToken[]): number => textOf(tokens).split('\n').length - 1

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
