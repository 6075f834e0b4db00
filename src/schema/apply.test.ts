import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../target/connection.ts'
import type { DriverName } from '../target/drivers.ts'
import { openFile } from '../target/open.ts'
import { applyPlan, planDown, planUp } from './apply.ts'
import { readRecord, recordTable } from './migration-record.ts'
import { readMigrations } from './migration.ts'
import { readSchemaObjects } from './schema-objects.ts'
import { readSchemaState } from './schema-state.ts'
import { migrationsFolder } from '../reference/migrations-folder.ts'

const migrations = await readMigrations(migrationsFolder)
const one = '0188c2a0-0000-7000-8000-00000000000'

describe.each<DriverName>(['libsql', '@libsql/client'])('applyPlan through %s', (driver) => {
  let folder: string
  let connection: Connection

  const up = async (...names: string[]): Promise<void> =>
    applyPlan(connection, await planUp(connection, migrations, names))
  const down = async (name?: string): Promise<void> =>
    applyPlan(connection, await planDown(connection, migrations, name))
  const insert = (id: string, parent: string | null = null): Promise<unknown> =>
    connection.execute(
      `INSERT INTO prompts (id, title, content, parent_id, user_id, status) VALUES (?, 't', 'c', ?, 'u', 'active')`,
      [id, parent],
    )

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'forgebench-schema-'))
    connection = await openFile(join(folder, 'a.db'), driver)
  })
  afterEach(async () => {
    await connection.close()
    rmSync(folder, { recursive: true })
  })

  it('makes the reviewed schema with its 14 indexes and records it', async () => {
    await up('initial')
    const objects = await readSchemaObjects(connection)
    expect(objects.filter(({ kind }) => kind === 'table').map(({ name }) => name)).toEqual([
      'evaluations',
      'prompt_templates',
      'prompts',
      'test_results',
    ])
    expect(objects.filter(({ kind }) => kind === 'index')).toHaveLength(14)
    expect((await readRecord(connection)).map(({ id }) => id)).toEqual(['initial'])
    await down()
    expect((await connection.query('SELECT name FROM sqlite_schema')).rows).toEqual([])
  })

  it('converts ids to 16 bytes and back, keeping rows, rowids and NULL, with foreign keys on again', async () => {
    await up('initial')
    await insert(`${one}1`)
    await insert(`${one}2`, `${one}1`)
    const rows = 'SELECT rowid, id, typeof(id), parent_id FROM prompts ORDER BY rowid'
    const before = (await connection.query(rows)).rows
    await up('binary-uuids', 'composite-indexes')
    const binary = (
      await connection.query('SELECT rowid, hex(id), typeof(id), length(parent_id) FROM prompts')
    ).rows
    expect(binary).toEqual([
      [1, `${one}1`.replaceAll('-', '').toUpperCase(), 'blob', null],
      [2, `${one}2`.replaceAll('-', '').toUpperCase(), 'blob', 16],
    ])
    expect((await connection.query('PRAGMA foreign_keys')).rows).toEqual([[1]])
    await expect(down('binary-uuids')).rejects.toThrow(/composite-indexes stands on «binary-uuids»/)
    await down()
    await down()
    expect((await connection.query(rows)).rows).toEqual(before)
    expect((await readSchemaState(connection, migrations)).differences).toEqual([])
  })

  it.each(['no uuid', `${one}A`, `{${one}1}`, '0188c2a000007000800000000000000000001'])(
    'refuses the id «%s» whole instead of making it NULL',
    async (id) => {
      await up('initial')
      await insert(id)
      await expect(up('binary-uuids')).rejects.toMatchObject({
        code: 'MIGRATION_FAILED',
        exit: 2,
        message: expect.stringMatching(
          /every id must be a UUID of 36 characters in lower case; mend/,
        ) as string,
      })
      expect((await readSchemaState(connection, migrations)).differences).toEqual([])
      expect((await connection.query('SELECT id FROM prompts')).rows).toEqual([[id]])
      expect((await connection.query('PRAGMA foreign_keys')).rows).toEqual([[1]])
    },
  )

  it('rolls back when a row refers to nothing', async () => {
    await up('initial')
    await connection.script('PRAGMA foreign_keys = OFF')
    await insert(`${one}1`, `${one}9`)
    await expect(up('binary-uuids')).rejects.toThrow(
      /1 rows refer to nothing, first prompts rowid 1 → prompts/,
    )
    expect((await readRecord(connection)).map(({ id }) => id)).toEqual(['initial'])
  })

  it('names the object that a hand edit changed', async () => {
    await up('initial', 'composite-indexes')
    await connection.script('DROP INDEX idx_prompts_user_status_created')
    await expect(up('covering-index')).rejects.toMatchObject({
      code: 'HALF_APPLIED',
      message: expect.stringMatching(/index idx_prompts_user_status_created is missing/) as string,
    })
  })

  it('refuses a record it does not know, and a schema of another tool', async () => {
    await connection.script('CREATE TABLE alembic_version (version_num TEXT)')
    await expect(up('initial')).rejects.toMatchObject({ code: 'FOREIGN_SCHEMA', exit: 2 })
    await connection.script('DROP TABLE alembic_version')
    await up('initial')
    await connection.script(`INSERT INTO ${recordTable} (id, checksum) VALUES ('later', 'x')`)
    await expect(down()).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' })
    await connection.script(
      `DELETE FROM ${recordTable} WHERE id = 'later'; UPDATE ${recordTable} SET checksum = 'x'`,
    )
    await expect(down()).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
  })
})

it('INCLUDE does not parse: the covering index must be an ordinary composite', async () => {
  const connection = await openFile(':memory:', 'libsql')
  await connection.script('CREATE TABLE t (a, b)')
  await expect(connection.script('CREATE INDEX i ON t (a) INCLUDE (b)')).rejects.toThrow(
    /near "INCLUDE": syntax/,
  )
  await connection.close()
})
