import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { decodeText } from '../core/decode-text.ts'
import { UsageError } from '../core/errors.ts'
import { migrationEffects, type MigrationEffects } from './migration-effects.ts'
import { readMigrationScript, type MigrationScript } from './migration-script.ts'
import { sqlFilePieces } from './sql/sql-file.ts'

/** One reversible change of the schema, as a folder of `migrations/` states it. */
export interface Migration {
  readonly id: string
  /** The same change in the reviewed team's own history, where it has one. */
  readonly revision: string | undefined
  /** Ids of migrations that must be applied before. */
  readonly dependsOn: readonly string[]
  /** Ids of the claims that it puts to the test. */
  readonly claims: readonly string[]
  readonly why: string
  /** Run in one transaction, each of them. */
  readonly up: MigrationScript
  readonly down: MigrationScript
  readonly effects: MigrationEffects
  /** What stands in the scripts and is not run, a sentence each. */
  readonly notes: readonly string[]
  /** sha256 (hex) over both scripts and `dependsOn`; line endings do not count. */
  readonly checksum: string
}

const descriptionShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens'),
  revision: z.string().min(1).optional(),
  dependsOn: z.array(z.string()),
  claims: z.array(z.string().regex(/\S/, 'name a claim by its id')),
  why: z.string().min(1, 'say why the migration exists'),
})

/**
 * Reads every `<folder>/<id>/{migration.json,up.sql,down.sql}`, sorted so that dependencies come first, then by id.
 * Migrations of another folder may lie `beneath`: they can be depended on, and those of the same id are replaced.
 * @throws UsageError MIGRATIONS_INVALID with all mistakes of all files, a line each; MIGRATIONS_NOT_FOUND
 */
export async function readMigrations(
  folder: string,
  beneath: readonly Migration[] = [],
): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new UsageError('MIGRATIONS_NOT_FOUND', `no folder ${folder}; name one that holds migrations`)
  })
  const mistakes: string[] = []
  const migrations: Migration[] = []
  for (const entry of entries.filter((entry) => entry.isDirectory())) {
    const migration = await readMigration(join(folder, entry.name), entry.name, mistakes)
    if (migration !== undefined) migrations.push(migration)
  }
  const folders = new Set([...entries.map((entry) => entry.name), ...beneath.map(({ id }) => id)])
  for (const { id, dependsOn } of migrations) {
    for (const need of dependsOn.filter((need) => !folders.has(need))) {
      mistakes.push(`${join(folder, id, 'migration.json')}: dependsOn: no migration «${need}» in ${folder}`)
    }
  }
  migrations.push(...beneath.filter(({ id }) => !migrations.some((migration) => migration.id === id)))
  const sorted = byDependency(migrations)
  if (mistakes.length === 0 && sorted.length < migrations.length) {
    const circle = migrations.filter((migration) => !sorted.includes(migration)).map(({ id }) => id)
    mistakes.push(`${folder}: dependsOn: ${circle.join(', ')} depend on each other in a circle`)
  }
  if (mistakes.length > 0) throw new UsageError('MIGRATIONS_INVALID', mistakes.join('\n  '))
  return sorted
}

async function readMigration(
  folder: string,
  name: string,
  mistakes: string[],
): Promise<Migration | undefined> {
  const before = mistakes.length
  const absent = (file: string): undefined => {
    mistakes.push(`${join(folder, file)}: not there; a migration has migration.json, up.sql, down.sql`)
  }
  const json = await readFile(join(folder, 'migration.json')).then(decodeText, () => absent('migration.json'))
  // The checksum is that of `JSON.stringify([up, down, dependsOn])`, of which no more than a piece is held.
  const hash = createHash('sha256').update('[')
  const read = (file: string): MigrationScript | undefined => {
    hash.update('"')
    try {
      return readMigrationScript(
        { name: join(folder, file), pieces: () => sqlFilePieces(join(folder, file)) },
        (piece) => hash.update(JSON.stringify(piece).slice(1, -1)),
      )
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      return absent(file)
    } finally {
      hash.update('",')
    }
  }
  const [up, down] = [read('up.sql'), read('down.sql')]
  if (json === undefined || up === undefined || down === undefined) return undefined
  const description = parseDescription(json, join(folder, 'migration.json'), mistakes)
  if (description !== undefined && description.id !== name) {
    mistakes.push(
      `${join(folder, 'migration.json')}: id: «${description.id}» is not its folder's name «${name}»`,
    )
  }
  const notes: string[] = []
  for (const [file, script] of Object.entries({ 'up.sql': up, 'down.sql': down })) {
    mistakes.push(...script.mistakes.map((mistake) => `${join(folder, file)}:${mistake}`))
    notes.push(...script.notes.map((note) => `${name}/${file}:${note}`))
  }
  if (description === undefined || mistakes.length > before) return undefined
  const { id, revision, dependsOn, claims, why } = description
  const checksum = hash.update(`${JSON.stringify(dependsOn)}]`).digest('hex')
  const effects = migrationEffects(up.effects, down.effects)
  return { id, revision, dependsOn, claims, why, up, down, effects, notes, checksum }
}

function parseDescription(
  json: string,
  path: string,
  mistakes: string[],
): z.infer<typeof descriptionShape> | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    mistakes.push(
      `${path}: not JSON: ${error instanceof Error ? error.message.split('\n')[0] : 'unreadable'}`,
    )
    return undefined
  }
  const parsed = descriptionShape.safeParse(value)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) {
    mistakes.push(`${path}: ${issue.path.join('.') || 'file'}: ${issue.message}`)
  }
  return undefined
}

function byDependency(migrations: readonly Migration[]): readonly Migration[] {
  const waiting = migrations.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const sorted: Migration[] = []
  const ready = (migration: Migration): boolean =>
    migration.dependsOn.every((need) => sorted.some(({ id }) => id === need))
  for (let next = waiting.find(ready); next !== undefined; next = waiting.find(ready)) {
    sorted.push(...waiting.splice(waiting.indexOf(next), 1))
  }
  return sorted
}
