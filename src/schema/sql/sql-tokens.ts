/** A lexical piece of SQL. `code` covers words, numbers and operators; comments and blanks are `space`. */
export interface SqlToken {
  readonly kind: 'space' | 'string' | 'identifier' | 'word' | 'semicolon' | 'code'
  readonly text: string
}

const tokenPattern =
  /(?<space>(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))+)|(?<string>[xX]?'[^']*(?:''[^']*)*(?:'|$))|(?<identifier>"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$))|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<semicolon>;)|(?<code>[^])/gu

const kinds = ['space', 'string', 'identifier', 'word', 'semicolon', 'code'] as const

/** Splits SQL into tokens by SQLite's rules, as they are asked for; joining their texts gives the SQL back. */
export function* sqlTokens(sql: string): Iterable<SqlToken> {
  for (const match of sql.matchAll(tokenPattern)) {
    yield {
      kind: kinds.find((kind) => match.groups?.[kind] !== undefined) ?? 'code',
      text: match[0],
    }
  }
}
