import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { migrationEffects, noEffects } from './migration-effects.ts'
import { readMigrationScript, type MigrationScript } from './migration-script.ts'
import { readMigrations, type Migration } from './migration.ts'
import type { SchemaSource } from './schema-source.ts'
import { sqlFilePieces } from './sql/sql-file.ts'

/** A migration as a database records it. */
export interface RecordedMigration {
  readonly id: string
  readonly checksum: string
}

/** How the tables of a filled database were made; `own` where its fill brought them, with what it records. */
export type FilledSchema =
  SchemaSource | { readonly kind: 'own'; readonly recorded: readonly RecordedMigration[] }

/** Nothing is known of the tables that a fill will bring. */
export const ownSchema: FilledSchema = { kind: 'own', recorded: [] }

/**
 * The migrations that a scenario may name: those of its dataset, of which `initial` makes the tables, and on top of them
 * those of its project's folder.
 * @throws UsageError as `readMigrations`; SCHEMA_INVALID for SQL files; MIGRATION_INITIAL where the project's `initial` is
 * not that of the dataset
 */
export async function datasetMigrations(
  schema: FilledSchema,
  projectFolder?: string,
): Promise<readonly Migration[]> {
  const ours = await migrationsOf(schema)
  if (projectFolder === undefined || (schema.kind === 'migrations' && projectFolder === schema.folder))
    return ours
  const all = await readMigrations(projectFolder, ours)
  const initial = ours.find(({ id }) => id === 'initial')
  const other = all.find(({ id }) => id === 'initial')
  if (initial === undefined || initial.checksum === other?.checksum) return all
  // What a filled database says of itself counts, whatever a folder nearby would have made.
  if (schema.kind === 'own') return all.map((each) => (each.id === 'initial' ? initial : each))
  throw new UsageError(
    'MIGRATION_INITIAL',
    `${join(projectFolder, 'initial')}: not the schema of the dataset; put the difference into a migration of its own, or name a dataset of yours (dataset, in the scenario or in forgebench.config.ts)`,
  )
}

async function migrationsOf(schema: FilledSchema): Promise<readonly Migration[]> {
  switch (schema.kind) {
    case 'migrations': {
      const migrations = await readMigrations(schema.folder)
      if (migrations.some(({ id }) => id === 'initial')) return migrations
      throw new UsageError(
        'SCHEMA_INVALID',
        `${schema.folder}: holds no migration initial, which makes the tables of a dataset`,
      )
    }
    case 'sql':
      return [sqlMigration(schema.files)]
    case 'own': {
      const names = schema.recorded.map(({ id }) => id)
      const recorded = schema.recorded.map(({ id, checksum }) => ({ ...ownInitial, id, checksum }))
      return names.includes('initial') ? recorded : [ownInitial, ...recorded]
    }
  }
}

function sqlMigration(files: readonly string[]): Migration {
  const hash = createHash('sha256')
  const up = readMigrationScript(
    {
      name: files.join(', '),
      // A file need not end in a semicolon.
      *pieces() {
        for (const file of files) {
          yield* sqlFilePieces(file)
          yield '\n;\n'
        }
      },
    },
    (piece) => hash.update(piece),
  )
  if (up.mistakes.length > 0) {
    const lines = up.mistakes.map((mistake) => `${files.join(' + ')}:${mistake}`)
    throw new UsageError('SCHEMA_INVALID', lines.join('\n  '))
  }
  return initialMigration(up, hash.digest('hex'))
}

const nothing: MigrationScript = {
  statements: [],
  statementCount: 0,
  notes: [],
  mistakes: [],
  effects: noEffects(),
}

function initialMigration(up: MigrationScript, checksum: string): Migration {
  return {
    id: 'initial',
    revision: undefined,
    dependsOn: [],
    claims: [],
    why: 'the tables of the dataset',
    up,
    down: nothing,
    effects: migrationEffects(up.effects, nothing.effects),
    notes: up.notes,
    checksum,
  }
}

/** Stands for tables that a fill has brought: nothing is run for it. */
export const ownInitial = initialMigration(nothing, createHash('sha256').update('own').digest('hex'))
