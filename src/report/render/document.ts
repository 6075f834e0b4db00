/** What a piece of text means; a format gives it a colour, weight or nothing. */
export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'bad' | 'warn'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
  /** Columns with a rank may be left out of a page that is too narrow, the highest rank first. */
  readonly expendable?: number
}

/** A report apart from its format: what is said, in which order. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Span[])[] }
  | {
      readonly kind: 'table'
      readonly columns: readonly Column[]
      readonly rows: readonly (readonly Span[])[]
    }
  /** Long lines for whoever wants to look further; formats without folding leave them out. */
  | { readonly kind: 'details'; readonly summary: string; readonly lines: readonly string[] }

/** How much to say: `brief` fits a screen, `full` is for a file. */
export type Detail = 'brief' | 'full'

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone })
export const heading = (level: 1 | 2 | 3, ...spans: readonly Span[]): Block => ({
  kind: 'heading',
  level,
  spans,
})
export const paragraph = (...spans: readonly Span[]): Block => ({ kind: 'paragraph', spans })
export const list = (items: readonly (readonly Span[])[]): readonly Block[] =>
  items.length === 0 ? [] : [{ kind: 'list', items }]
export const left = (title: string, expendable?: number): Column => column(title, 'left', expendable)
export const right = (title: string, expendable?: number): Column => column(title, 'right', expendable)

const column = (title: string, align: Column['align'], expendable: number | undefined): Column =>
  expendable === undefined ? { title, align } : { title, align, expendable }
