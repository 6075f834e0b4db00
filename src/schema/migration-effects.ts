import type { Migration } from './migration.ts'
import { sqlTokens } from './sql-tokens.ts'

/** What a migration lays hands on, by its scripts alone; names in lower case. */
export interface MigrationEffects {
  /** Every table, index, view and trigger that it makes, drops or alters, up or down. */
  readonly objects: ReadonlySet<string>
  /** Tables that it alters, rebuilds or makes indexes and triggers on. */
  readonly tables: ReadonlySet<string>
  /** Tables that it drops and makes anew: their indexes of other migrations would be lost. */
  readonly rebuilt: ReadonlySet<string>
  /** True when nothing but indexes is made or dropped, so that no row can change. */
  readonly indexesOnly: boolean
}

const filler = new Set(['TEMP', 'TEMPORARY', 'UNIQUE', 'VIRTUAL', 'IF', 'NOT', 'EXISTS'])

interface Act {
  readonly verb: string
  readonly kind: string
  readonly name: string
  readonly on: string | undefined
}

/** Reads `CREATE|DROP|ALTER <kind> <name> … [ON <table>]`; other statements have no name. */
function act(statement: string): Act {
  const tokens = sqlTokens(statement).filter((token) => token.kind === 'word' || token.kind === 'identifier')
  const plain = tokens.map((token) => (token.kind === 'identifier' ? token.text.slice(1, -1) : token.text))
  const [verb = '', ...rest] = plain
  const [kind = '', name = '', ...tail] = rest.filter((word, at) => at > 6 || !filler.has(word.toUpperCase()))
  const on = tail.findIndex((word) => word.toUpperCase() === 'ON')
  return {
    verb: verb.toUpperCase(),
    kind: kind.toUpperCase(),
    name: name.toLowerCase(),
    on: on < 0 ? undefined : tail[on + 1]?.toLowerCase(),
  }
}

/** The effects of a migration; conflicts and the order of a plan follow from them. */
export function migrationEffects(migration: Migration): MigrationEffects {
  const acts = [...migration.up, ...migration.down].map(act)
  const named = acts.filter(({ verb }) => ['CREATE', 'DROP', 'ALTER'].includes(verb))
  const made = new Set(
    named.filter(({ verb, kind }) => verb === 'CREATE' && kind === 'TABLE').map(({ name }) => name),
  )
  const up = migration.up.map(act)
  const dropped = up.filter(({ verb, kind }) => verb === 'DROP' && kind === 'TABLE').map(({ name }) => name)
  const rebuilt = new Set(dropped.filter((name) => !made.has(name)))
  const owned = named.flatMap(({ kind, name, on }) => (kind === 'TABLE' ? [name] : (on ?? [])))
  return {
    objects: new Set(named.map(({ name }) => name)),
    tables: new Set(owned),
    rebuilt,
    indexesOnly: acts.every(({ verb, kind }) => kind === 'INDEX' && (verb === 'CREATE' || verb === 'DROP')),
  }
}
