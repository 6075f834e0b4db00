import type { Connection } from '../target/connection.ts'
import { NativeConnection } from '../target/native.ts'
import { readRecord, type AppliedMigration } from './migration-record.ts'
import { changesSchema } from './migration-effects.ts'
import type { Migration } from './migration.ts'
import { readSchemaObjects, schemaDifferences, type SchemaObject } from './schema-objects.ts'

/** What a database holds, against what its record says that it holds. */
export interface SchemaState {
  readonly record: readonly AppliedMigration[]
  readonly objects: readonly SchemaObject[]
  /** Objects that differ from those the recorded migrations make; empty too where the record cannot be replayed. */
  readonly differences: readonly string[]
}

/** The schema of an untouched database. */
export const emptySchemaState: SchemaState = { record: [], objects: [], differences: [] }

/** Reads the record and the schema, and replays the record in memory to compare. */
export async function readSchemaState(
  connection: Pick<Connection, 'query'>,
  migrations: readonly Migration[],
): Promise<SchemaState> {
  const record = await readRecord(connection)
  const objects = await readSchemaObjects(connection)
  const recorded = record.flatMap(({ id, checksum }) =>
    migrations.filter((migration) => migration.id === id && migration.checksum === checksum),
  )
  if (record.length === 0 || recorded.length < record.length) return { record, objects, differences: [] }
  return { record, objects, differences: schemaDifferences(await replay(recorded), objects) }
}

/** The schema that migrations make. No rows are written: they change no schema, and there may be any number of them. */
async function replay(migrations: readonly Migration[]): Promise<readonly SchemaObject[]> {
  const memory = new NativeConnection(':memory:', { pragmas: ['PRAGMA foreign_keys = OFF'] })
  try {
    for (const { up } of migrations)
      for (const { text } of up.statements) if (changesSchema(text)) memory.scriptSync(text)
    return await readSchemaObjects(memory)
  } finally {
    memory.close()
  }
}
