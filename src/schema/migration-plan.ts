import { UsageError } from '../core/errors.ts'
import { findMigration, findMigrations } from './find-migrations.ts'
import type { Migration } from './migration.ts'
import type { SchemaState } from './schema-state.ts'

export interface MigrationStep {
  readonly direction: 'up' | 'down'
  readonly migration: Migration
}

/** What to do to a database, in order; a value that can be printed or applied. */
export interface MigrationPlan {
  readonly steps: readonly MigrationStep[]
  /** Asked for and applied before. */
  readonly already: readonly string[]
}

export type MigrationRequest =
  | { readonly direction: 'up'; readonly names: readonly string[] }
  /** Without a name: the last applied. */
  | { readonly direction: 'down'; readonly name: string | undefined }

const refuse = (code: string, message: string): never => {
  throw new UsageError(code, message)
}

/**
 * Refuses a database that is not what its record says.
 * @throws UsageError FOREIGN_SCHEMA, RECORD_UNKNOWN, MIGRATION_CHANGED, RECORD_INCOMPLETE or HALF_APPLIED
 */
export function checkSchemaState(migrations: readonly Migration[], state: SchemaState): void {
  const { record, objects, differences } = state
  if (record.length === 0 && objects.length > 0) {
    const [first] = objects
    const which = `${first?.kind} ${first?.name}${objects.length > 1 ? ` and ${objects.length - 1} more` : ''}`
    refuse(
      'FOREIGN_SCHEMA',
      `another tool made this schema (${which}, and no record of forgebench); name a new file with --db`,
    )
  }
  for (const { id, checksum } of record) {
    const migration = migrations.find((migration) => migration.id === id)
    if (migration === undefined) {
      return refuse(
        'RECORD_UNKNOWN',
        `the database records «${id}», which is no migration here; use the version of forgebench that applied it`,
      )
    }
    if (migration.checksum !== checksum) {
      refuse(
        'MIGRATION_CHANGED',
        `migrations/${id} was changed since it was applied here; restore it, and add a new migration for the change`,
      )
    }
    const missing = migration.dependsOn.find((need) => !record.some((applied) => applied.id === need))
    if (missing !== undefined) {
      refuse(
        'RECORD_INCOMPLETE',
        `the database records «${id}» without «${missing}», which it depends on; restore the database or start a new file`,
      )
    }
  }
  if (differences.length > 0) {
    const more = differences.length > 1 ? ` (and ${differences.length - 1} more)` : ''
    refuse(
      'HALF_APPLIED',
      `the schema is not what its record says: ${differences[0]}${more}; fix it by hand, restore it, or start a new file`,
    )
  }
}

/**
 * Decides what to apply, from values alone.
 * @throws UsageError of `checkSchemaState`, and MIGRATION_UNKNOWN, MIGRATION_NEEDS, MIGRATION_CONFLICT,
 * MIGRATION_ORDER, MIGRATION_NEEDED, MIGRATION_NOT_APPLIED
 */
export function planMigrations(
  migrations: readonly Migration[],
  state: SchemaState,
  request: MigrationRequest,
): MigrationPlan {
  if (request.direction === 'up') findMigrations(migrations, request.names)
  else if (request.name !== undefined) findMigration(migrations, request.name)
  checkSchemaState(migrations, state)
  const applied = state.record.map(({ id }) => findMigration(migrations, id))
  switch (request.direction) {
    case 'up':
      return stepsUp(migrations, applied, request.names)
    case 'down':
      return stepsDown(migrations, applied, request.name)
  }
}

function stepsUp(
  migrations: readonly Migration[],
  applied: readonly Migration[],
  names: readonly string[],
): MigrationPlan {
  const asked = migrations.filter(({ id }) => names.includes(id))
  const fresh = asked.filter((migration) => !applied.includes(migration))
  for (const { id, dependsOn } of fresh) {
    const missing = dependsOn.filter((need) => ![...applied, ...fresh].some((other) => other.id === need))
    if (missing.length === 0) continue
    const all = [...missing, ...names].join(' ')
    refuse('MIGRATION_NEEDS', `«${id}» needs ${missing.join(', ')}: forgebench migrate up ${all}`)
  }
  const steps = rebuildersFirst(fresh)
  const order: Migration[] = [...applied]
  for (const migration of steps) {
    for (const other of order) checkPair(other, migration)
    order.push(migration)
  }
  return {
    steps: steps.map((migration) => ({ direction: 'up', migration })),
    already: asked.filter((migration) => applied.includes(migration)).map(({ id }) => id),
  }
}

/** A rebuilt table loses its indexes, so the rebuilding migration goes first; dependencies keep their order. */
function rebuildersFirst(migrations: readonly Migration[]): readonly Migration[] {
  const waiting = migrations.toSorted(
    (a, b) => Number(b.effects.rebuilt.size > 0) - Number(a.effects.rebuilt.size > 0),
  )
  const sorted: Migration[] = []
  while (waiting.length > 0) {
    const at = waiting.findIndex(({ dependsOn }) => !waiting.some(({ id }) => dependsOn.includes(id)))
    sorted.push(...waiting.splice(Math.max(at, 0), 1))
  }
  return sorted
}

const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): string | undefined =>
  [...a].find((name) => b.has(name))

/** `before` is applied already, or earlier in the plan. */
function checkPair(before: Migration, after: Migration): void {
  if (after.dependsOn.includes(before.id)) return
  const [first, second] = [before.effects, after.effects]
  const both = `«${before.id}» and «${after.id}»`
  const rebuiltTwice = common(first.rebuilt, second.rebuilt)
  if (rebuiltTwice !== undefined) {
    refuse('MIGRATION_CONFLICT', `${both} both rebuild table ${rebuiltTwice}; use one of them`)
  }
  const lost = common(first.tables, second.rebuilt)
  if (lost !== undefined) {
    refuse(
      'MIGRATION_ORDER',
      `«${after.id}» rebuilds table ${lost}, which «${before.id}» changed; first run: forgebench migrate down ${before.id}`,
    )
  }
  const shared = first.rebuilt.size > 0 ? undefined : common(first.objects, second.objects)
  if (shared !== undefined) {
    refuse('MIGRATION_CONFLICT', `${both} both make or drop ${shared}; use one of them`)
  }
}

function stepsDown(
  migrations: readonly Migration[],
  applied: readonly Migration[],
  name: string | undefined,
): MigrationPlan {
  const migration = name === undefined ? applied.at(-1) : findMigration(migrations, name)
  if (migration === undefined) return { steps: [], already: [] }
  const at = applied.indexOf(migration)
  if (at < 0) {
    const there = applied.map(({ id }) => id).join(', ') || 'nothing'
    refuse('MIGRATION_NOT_APPLIED', `«${migration.id}» is not applied here; applied: ${there}`)
  }
  const { rebuilt } = migration.effects
  const above = applied
    .slice(at + 1)
    .filter(
      (other) =>
        other.dependsOn.includes(migration.id) || common(other.effects.tables, rebuilt) !== undefined,
    )
    .map(({ id }) => id)
    .toReversed()
  if (above.length > 0) {
    refuse(
      'MIGRATION_NEEDED',
      `${above.join(', ')} ${above.length === 1 ? 'stands' : 'stand'} on «${migration.id}»; first run: forgebench migrate down ${above[0]}`,
    )
  }
  return { steps: [{ direction: 'down', migration }], already: [] }
}
