import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DriverName } from '../target/drivers.ts'
import { NativeConnection } from '../target/native.ts'
import { applyPlan, planUp } from './apply.ts'
import { migrationEffects } from './migration-effects.ts'
import { readMigrationScript, type MigrationScript } from './migration-script.ts'
import { readMigrations, type Migration } from './migration.ts'
import { verifyMigration } from './verify-migration.ts'
import { migrationsFolder } from '../reference/migrations-folder.ts'

const migrations = await readMigrations(migrationsFolder)
const folder = mkdtempSync(join(tmpdir(), 'forgebench-verify-test-'))
const path = join(folder, 'seeded.db')
const uuid = (table: number, i: string): string =>
  `printf('0188c2a0-000${table}-7000-8000-%012x', (${i}) * 7919 % 1000003)`
const numbers = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`

beforeAll(async () => {
  const connection = new NativeConnection(path, { pragmas: ['PRAGMA synchronous = OFF'] })
  await applyPlan(connection, await planUp(connection, migrations, ['initial']))
  connection.scriptSync(`${numbers(3)} INSERT INTO prompt_templates (id, name, template, variables, category, usage_count)
  SELECT ${uuid(1, 'i')}, 'n' || i, 't', '[]', 'c', i FROM n;
${numbers(90)} INSERT INTO prompts (rowid, id, title, content, parent_id, user_id, status, deleted_at)
  SELECT i * 3, ${uuid(2, 'i')}, 'ü', 'c', iif(i % 3 = 0, ${uuid(2, 'i - 1')}, NULL), 'u' || (i % 5), 'active', iif(i % 9 = 0, 'x', NULL) FROM n;
${numbers(200)} INSERT INTO evaluations (id, prompt_id, test_suite_id, status, overall_score)
  SELECT ${uuid(3, 'i')}, ${uuid(2, 'i % 90 + 1')}, iif(i % 2, ${uuid(5, 'i')}, NULL), 'running', i / 200.0 FROM n;
${numbers(900)} INSERT INTO test_results (id, evaluation_id, test_case_name, input_data, score, passed, latency_ms)
  SELECT ${uuid(4, 'i')}, ${uuid(3, 'i % 200 + 1')}, 'case', '{}', i % 2, i % 3 > 0, i FROM n`)
  connection.close()
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe.each<DriverName>(['libsql', '@libsql/client'])('through %s', (driver) => {
  it.each(migrations)('$id goes up, down and up again without a trace', async (migration) => {
    const result = await verifyMigration(path, migration, migrations, driver)
    expect(result.problems).toEqual([])
    expect(result.rows).toBe(migration.id === 'initial' ? 0 : 1193)
  })
})

const broken = (
  upSql: readonly string[],
  downSql: readonly string[],
): Promise<{ readonly problems: readonly string[] }> => {
  const [up, down] = [upSql, downSql].map((statements) =>
    readMigrationScript({ name: 'a test', pieces: () => statements.map((sql) => `${sql};\n`) }),
  ) as [MigrationScript, MigrationScript]
  const migration: Migration = {
    id: 'broken',
    revision: undefined,
    dependsOn: ['initial'],
    claims: [],
    why: 'a test',
    up,
    down,
    effects: migrationEffects(up.effects, down.effects),
    notes: [],
    checksum: 'b',
  }
  return verifyMigration(path, migration, [...migrations, migration])
}

it('finds an index that does not come back', async () => {
  const { problems } = await broken(['DROP INDEX IF EXISTS idx_prompts_status'], ['SELECT 1'])
  expect(problems.join()).toMatch(/index idx_prompts_status is missing/)
})

it('finds rows that change, down to 1 that becomes 1.0 and a row that moves', async () => {
  const typed = await broken(
    ['CREATE TABLE x (a)'],
    ['DROP TABLE x', `UPDATE prompts SET tags = 1.5 WHERE rowid = 3`],
  )
  expect(typed.problems).toContain('after down: rows of prompts changed')
  const moved = await broken(['UPDATE prompts SET rowid = 1 WHERE rowid = 3'], ['SELECT 1'])
  expect(moved.problems).toContain('after up: rows of prompts changed')
})

it('reports a migration that fails instead of ending', async () => {
  const { problems } = await broken(['CREATE TABLE prompts (a)'], ['SELECT 1'])
  expect(problems.join()).toMatch(/broken\/up\.sql:1 .*table prompts already exists/)
})
