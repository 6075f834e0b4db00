/** What the next character stands in. `dash` and `slash` may begin a comment, `star` may end one. */
type Place =
  | 'code'
  | 'dash'
  | 'slash'
  | 'line comment'
  | 'block comment'
  | 'star'
  | 'string'
  | 'double quotes'
  | 'backticks'
  | 'brackets'

/** How far a statement has come, by the states of sqlite3_complete. */
type Progress = 'start' | 'normal' | 'explain' | 'create' | 'trigger' | 'semicolon' | 'end'

const charCode = (character: string): number => character.charCodeAt(0)
const [lineFeed, semicolon, dash, slash, star] = ['\n', ';', '-', '/', '*'].map(charCode) as [
  number,
  number,
  number,
  number,
  number,
]
const openings: ReadonlyMap<number, Place> = new Map([
  [dash, 'dash'],
  [slash, 'slash'],
  [charCode("'"), 'string'],
  [charCode('"'), 'double quotes'],
  [charCode('`'), 'backticks'],
  [charCode('['), 'brackets'],
])
/** A doubled quote closes and opens again, which comes to the same. */
const closings: ReadonlyMap<Place, number> = new Map([
  ['string', charCode("'")],
  ['double quotes', charCode('"')],
  ['backticks', charCode('`')],
  ['brackets', charCode(']')],
])

/** No keyword that counts is longer. */
const longestKeyword = 'TEMPORARY'.length

/**
 * Finds the semicolons that end statements, in a script that may come in pieces cut anywhere. Those in strings, quoted
 * names and comments end nothing, and a CREATE TRIGGER ends at `; END ;`: the state machine of sqlite3_complete
 * (https://sqlite.org/src/file/src/complete.c). It holds no text.
 */
export class StatementScanner {
  #place: Place = 'code'
  #progress: Progress = 'start'
  /** The keyword that is being read, where one counts. */
  #word = ''
  #line = 1
  #begins: number | undefined

  /** The line that has been reached, from 1. */
  get line(): number {
    return this.#line
  }

  /** The line on which the present statement begins; undefined while there are only blanks and comments. */
  get begins(): number | undefined {
    return this.#begins
  }

  /** The index of the next semicolon in `piece` that ends a statement, or -1; call `restart` when there is one. */
  next(piece: string, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at)
      if (this.#endsStatement(code)) return at
      if (code === lineFeed) this.#line += 1
    }
    return -1
  }

  /** After the last piece: a `-` or `/` at the very end begins no comment. */
  finish(): void {
    if (this.#place === 'dash' || this.#place === 'slash') this.#operator()
  }

  restart(): void {
    this.#progress = 'start'
    this.#begins = undefined
  }

  #endsStatement(code: number): boolean {
    switch (this.#place) {
      case 'code':
        return this.#inCode(code)
      case 'dash':
        if (code !== dash) return this.#afterOperator(code)
        this.#place = 'line comment'
        return false
      case 'slash':
        if (code !== star) return this.#afterOperator(code)
        this.#place = 'block comment'
        return false
      case 'line comment':
        if (code === lineFeed) this.#place = 'code'
        return false
      case 'block comment':
        if (code === star) this.#place = 'star'
        return false
      case 'star':
        if (code !== star) this.#place = code === slash ? 'code' : 'block comment'
        return false
      case 'string':
      case 'double quotes':
      case 'backticks':
      case 'brackets':
        if (code === closings.get(this.#place)) this.#place = 'code'
        return false
    }
  }

  #afterOperator(code: number): boolean {
    this.#operator()
    this.#place = 'code'
    return this.#inCode(code)
  }

  #inCode(code: number): boolean {
    if (isWordUnit(code)) {
      this.#begins ??= this.#line
      if (this.#progress !== 'normal' && this.#word.length <= longestKeyword)
        this.#word += String.fromCharCode(code)
      return false
    }
    if (this.#word !== '') this.#endWord()
    if (isSpace(code)) return false
    if (code === semicolon) return this.#semicolon()
    this.#place = openings.get(code) ?? 'code'
    if (this.#place !== 'dash' && this.#place !== 'slash') this.#operator()
    return false
  }

  #endWord(): void {
    this.#progress = afterWord(this.#progress, this.#word.toUpperCase())
    this.#word = ''
  }

  /** An operator, a quoted name or a string: everything that is no word, no space and no semicolon. */
  #operator(): void {
    this.#begins ??= this.#line
    this.#progress = afterWord(this.#progress, '')
  }

  #semicolon(): boolean {
    if (this.#progress !== 'trigger' && this.#progress !== 'semicolon') return true
    this.#progress = 'semicolon'
    return false
  }
}

function afterWord(progress: Progress, word: string): Progress {
  switch (progress) {
    case 'start':
      if (word === 'EXPLAIN') return 'explain'
      return word === 'CREATE' ? 'create' : 'normal'
    case 'explain':
      return word === 'CREATE' ? 'create' : 'explain'
    case 'create':
      if (word === 'TRIGGER') return 'trigger'
      return word === 'TEMP' || word === 'TEMPORARY' ? 'create' : 'normal'
    case 'semicolon':
      return word === 'END' ? 'end' : 'trigger'
    case 'end':
      return 'trigger'
    case 'normal':
    case 'trigger':
      return progress
  }
}

/** Letters, digits, `_`, `$` and everything beyond ASCII: what SQLite takes for a part of a name. */
const isWordUnit = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 36 ||
  code >= 128

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)
