/** What can be said of a statement without a database. */
export interface StatementShape {
  /** Statements in the text; blanks and comments are none. */
  readonly statements: number
  /** The word that says what it does, behind any WITH, in upper case; empty when there is none. */
  readonly verb: string
  /** Number of plain `?`. */
  readonly placeholders: number
  /** Placeholders of other kinds, such as `?1` or `:id`. */
  readonly otherPlaceholders: readonly string[]
  readonly hasOrderBy: boolean
  readonly hasLimit: boolean
  /** LIMIT as a number, when it is written as one. */
  readonly limit: number | undefined
}

const tokenPattern =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[xX]?'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|(?<placeholder>\?\d*|[:@$][\p{L}\p{N}_$]+)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<number>\d+)|(?<mark>[^\s])/gu

const verbs = new Set(['SELECT', 'VALUES', 'INSERT', 'UPDATE', 'DELETE', 'REPLACE'])

interface Token {
  readonly kind: 'placeholder' | 'word' | 'number' | 'mark' | 'quoted'
  readonly text: string
  /** Brackets around it. */
  readonly depth: number
}

/** Reads the outline of SQL; strings, quoted names and comments are skipped. Never throws. */
export function statementShape(sql: string): StatementShape {
  const tokens = tokensOf(sql)
  const pieces = tokens.map(
    (token, index) => index > 0 && tokens[index - 1]?.text === ';' && token.text !== ';',
  )
  const outer = tokens.filter(({ depth, kind }) => depth === 0 && kind !== 'mark').map(({ text }) => text)
  const limitAt = outer.lastIndexOf('LIMIT')
  const limitText = limitAt < 0 ? '' : (outer[limitAt + 1] ?? '')
  const marks = tokens.filter(({ kind }) => kind === 'placeholder').map(({ text }) => text)
  return {
    statements: tokens.every(({ text }) => text === ';') ? 0 : 1 + pieces.filter(Boolean).length,
    verb: verbOf(outer),
    placeholders: marks.filter((mark) => mark === '?').length,
    otherPlaceholders: marks.filter((mark) => mark !== '?'),
    hasOrderBy: outer.some((word, index) => word === 'ORDER' && outer[index + 1] === 'BY'),
    hasLimit: limitAt >= 0,
    limit: /^\d+$/.test(limitText) ? Number(limitText) : undefined,
  }
}

function verbOf(outer: readonly string[]): string {
  const [first = ''] = outer
  return first === 'WITH' ? (outer.find((word) => verbs.has(word)) ?? first) : first
}

function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = []
  let depth = 0
  for (const { 0: text, groups = {} } of sql.matchAll(tokenPattern)) {
    if (text.startsWith('--') || text.startsWith('/*')) continue
    if (text === ')') depth -= 1
    const kind = (['placeholder', 'word', 'number', 'mark'] as const).find(
      (name) => groups[name] !== undefined,
    )
    tokens.push({ kind: kind ?? 'quoted', text: kind === 'word' ? text.toUpperCase() : text, depth })
    if (text === '(') depth += 1
  }
  return tokens
}
