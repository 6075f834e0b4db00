import { UsageError } from '../../core/errors.ts'
import { sqlTokens } from './sql-tokens.ts'
import { StatementScanner } from './statement-scanner.ts'

/** A statement of a script, without its final semicolon. */
export interface ScriptStatement {
  readonly text: string
  /** The line of the script on which it begins, from 1; comments before it do not count. */
  readonly line: number
}

/** In UTF-16 units. One statement is held whole, so an open quote must not take a file of any size into memory. */
const longestStatement = 64 * 1024 * 1024

/**
 * Splits a script that comes in pieces, cut anywhere, into its statements; one of them is held at a time. Semicolons in
 * strings, quoted names, comments and triggers do not split, see `StatementScanner`. Parts that hold only comments are
 * dropped.
 * @throws UsageError STATEMENT_TOO_LONG, its message begins with the line
 */
export function* scriptStatements(pieces: Iterable<string>): Iterable<ScriptStatement> {
  const scanner = new StatementScanner()
  let parts: string[] = []
  let units = 0
  const add = (part: string): void => {
    parts.push(part)
    units += part.length
    if (units <= longestStatement) return
    throw new UsageError(
      'STATEMENT_TOO_LONG',
      `${scanner.begins ?? scanner.line}: a statement of more than 64 million characters; close the quote or comment that is open, or divide it`,
    )
  }
  const finish = (): readonly ScriptStatement[] => {
    const line = scanner.begins
    const text = line === undefined ? '' : parts.join('').trim()
    parts = []
    units = 0
    scanner.restart()
    return line === undefined || text === '' ? [] : [{ text, line }]
  }
  for (const piece of pieces) {
    let from = 0
    for (let end = scanner.next(piece, from); end >= 0; end = scanner.next(piece, from)) {
      add(piece.slice(from, end))
      yield* finish()
      from = end + 1
    }
    add(piece.slice(from))
  }
  scanner.finish()
  yield* finish()
}

/** The first words of a statement in upper case, such as `['CREATE', 'TEMP', 'TRIGGER']`. */
export function leadingWords(statement: string, count: number): readonly string[] {
  const words: string[] = []
  for (const { kind, text } of sqlTokens(statement)) {
    if (words.length === count) break
    if (kind === 'word') words.push(text.toUpperCase())
  }
  return words
}
