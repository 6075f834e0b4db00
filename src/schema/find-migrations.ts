import { distance } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'
import type { Migration } from './migration.ts'

/** The migration of a name. @throws UsageError MIGRATION_UNKNOWN, with the nearest name */
export function findMigration(migrations: readonly Migration[], name: string): Migration {
  const found = migrations.find(({ id }) => id === name)
  if (found !== undefined) return found
  const names = migrations.map(({ id }) => id)
  const [nearest] = names.toSorted((a, b) => distance(a, name) - distance(b, name))
  const hint = nearest === undefined ? 'the folder has none' : `did you mean «${nearest}»?`
  throw new UsageError('MIGRATION_UNKNOWN', `no migration «${name}»; ${hint}`)
}

/** The migrations of several names, in the order of the names. @throws UsageError MIGRATION_UNKNOWN */
export const findMigrations = (
  migrations: readonly Migration[],
  names: readonly string[],
): readonly Migration[] => names.map((name) => findMigration(migrations, name))
