import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { Row } from '../../target/connection.ts'
import { refuseUnreadable } from '../../target/refuse-unreadable.ts'
import { readImmutable } from './file/immutable-file.ts'
import { pageBytes } from './file/leaf-pages.ts'

/** The bookkeeping table: one row, written when everything else is in the file. */
export const seedTable = 'forgebench_seed'

const hex = z.string().regex(/^[0-9a-f]{64}$/)
const perTable = <T extends z.ZodType>(value: T) =>
  z.strictObject({ prompt_templates: value, prompts: value, evaluations: value, test_results: value })

const recordShape = z.strictObject({
  seed: z.number(),
  scale: z.number(),
  ids: z.enum(['v4', 'v7']),
  generatorVersion: z.number(),
  /** Checksum of the migration that made the tables. */
  schemaChecksum: hex,
  digest: z.strictObject({ all: hex, tables: perTable(hex) }),
  rows: perTable(z.number()),
})

/** What a seeded database says of its rows. */
export type SeedRecord = z.infer<typeof recordShape>

interface BoundStatement {
  readonly sql: string
  readonly args: Row
}

/** What writes the record; the last thing that happens to a database before it counts as seeded. */
export function seedRecordStatements(
  record: SeedRecord,
): readonly [table: BoundStatement, row: BoundStatement] {
  const { seed, scale, ids, generatorVersion, schemaChecksum, digest, rows } = record
  const table = `CREATE TABLE ${seedTable} (
  seed INTEGER NOT NULL,
  scale REAL NOT NULL,
  ids TEXT NOT NULL,
  generator_version INTEGER NOT NULL,
  schema_checksum TEXT NOT NULL,
  digest TEXT NOT NULL,
  table_digests TEXT NOT NULL,
  table_rows TEXT NOT NULL
)`
  const args = [
    seed,
    scale,
    ids,
    generatorVersion,
    schemaChecksum,
    digest.all,
    JSON.stringify(digest.tables),
    JSON.stringify(rows),
  ]
  return [
    { sql: table, args: [] },
    { sql: `INSERT INTO ${seedTable} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, args },
  ]
}

/** Selects what `parseSeedRecord` reads. */
export const selectSeedRecord = `SELECT seed, scale, ids, generator_version, schema_checksum, digest, table_digests, table_rows FROM ${seedTable}`

/** The record in the rows of `selectSeedRecord`; undefined where they are no record. @throws SyntaxError */
export function parseSeedRecord(rows: readonly Row[]): SeedRecord | undefined {
  if (rows.length !== 1) return undefined
  const [seed, scale, ids, generatorVersion, schemaChecksum, all, tables, counts] = rows[0]!
  const parsed = recordShape.safeParse({
    seed,
    scale,
    ids,
    generatorVersion,
    schemaChecksum,
    digest: { all, tables: JSON.parse(String(tables)) as unknown },
    rows: JSON.parse(String(counts)) as unknown,
  })
  return parsed.success ? parsed.data : undefined
}

/**
 * The record of a finished seeded database, or undefined for anything else: no file, another kind of file, a
 * truncated file, a database that was not seeded. Reads a few pages only; `verifySeed` reads the rows.
 */
export async function readSeedRecord(path: string): Promise<SeedRecord | undefined> {
  if (!(await isWholeDatabase(path))) return undefined
  try {
    return readImmutable(path, (connection) => {
      refuseUnreadable(connection, path)
      return parseSeedRecord(connection.querySync(selectSeedRecord).rows)
    })
  } catch {
    return undefined
  }
}

/** True if the file is as long as its header says (file format section 1.3). */
async function isWholeDatabase(path: string): Promise<boolean> {
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  )
  if (size < 100) return false
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(100), 0, 100, 0)
    const pages = buffer.readUInt32BE(28)
    return buffer.toString('latin1', 0, 16) === 'SQLite format 3\0' && pages > 0 && size >= pages * pageBytes
  } finally {
    await file.close()
  }
}
