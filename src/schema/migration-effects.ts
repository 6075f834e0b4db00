import { leadingWords } from './sql/statements.ts'
import { sqlTokens } from './sql/sql-tokens.ts'

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

/** What one script does, gathered a statement at a time; as large as its schema, whatever the number of rows. */
export interface ScriptEffects {
  readonly objects: Set<string>
  readonly tables: Set<string>
  readonly madeTables: Set<string>
  readonly droppedTables: Set<string>
  indexesOnly: boolean
}

export const noEffects = (): ScriptEffects => ({
  objects: new Set(),
  tables: new Set(),
  madeTables: new Set(),
  droppedTables: new Set(),
  indexesOnly: true,
})

const schemaVerbs = new Set(['CREATE', 'DROP', 'ALTER'])
const filler = new Set(['TEMP', 'TEMPORARY', 'UNIQUE', 'VIRTUAL', 'IF', 'NOT', 'EXISTS'])

/** True for statements that change the schema; all others change rows, if anything. */
export const changesSchema = (statement: string): boolean =>
  schemaVerbs.has(leadingWords(statement, 1)[0] ?? '')

/** Adds what a statement does: `CREATE|DROP|ALTER <kind> <name> … [ON <table>]`; other statements have no name. */
export function addEffects(effects: ScriptEffects, statement: string): void {
  if (!changesSchema(statement)) {
    effects.indexesOnly = false
    return
  }
  const tokens = [...sqlTokens(statement)].filter(({ kind }) => kind === 'word' || kind === 'identifier')
  const plain = tokens.map((token) => (token.kind === 'identifier' ? token.text.slice(1, -1) : token.text))
  const [verb = '', ...rest] = plain
  const [kind = '', name = '', ...tail] = rest.filter((word, at) => at > 6 || !filler.has(word.toUpperCase()))
  const act = `${verb} ${kind}`.toUpperCase()
  const object = name.toLowerCase()
  const on = tail.findIndex((word) => word.toUpperCase() === 'ON')
  const table = act.endsWith(' TABLE') ? object : on < 0 ? undefined : tail[on + 1]?.toLowerCase()
  effects.objects.add(object)
  if (table !== undefined) effects.tables.add(table)
  if (act === 'CREATE TABLE') effects.madeTables.add(object)
  if (act === 'DROP TABLE') effects.droppedTables.add(object)
  effects.indexesOnly &&= act === 'CREATE INDEX' || act === 'DROP INDEX'
}

/** The effects of a migration; conflicts and the order of a plan follow from them. */
export const migrationEffects = (up: ScriptEffects, down: ScriptEffects): MigrationEffects => ({
  objects: new Set([...up.objects, ...down.objects]),
  tables: new Set([...up.tables, ...down.tables]),
  rebuilt: new Set(
    [...up.droppedTables].filter((name) => !up.madeTables.has(name) && !down.madeTables.has(name)),
  ),
  indexesOnly: up.indexesOnly && down.indexesOnly,
})
