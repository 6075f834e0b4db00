import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readStatistics } from '../../statistics/statistics-rows.ts'
import { explainQueryPlan } from '../../target/explain.ts'
import { NativeConnection } from '../../target/native.ts'
import { copySchema, setStatistics } from './local-copy.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forgebench-local-copy-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a schema and its statistics are enough for the plans of the database, whatever is in it', async () => {
  const path = join(folder, 'a.db')
  const database = new NativeConnection(path)
  database.scriptSync(`
    CREATE TABLE "or""der" (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c REAL);
    CREATE INDEX "by a" ON "or""der" (a); CREATE INDEX by_b ON "or""der" (b);
    CREATE INDEX part ON "or""der" (c) WHERE a = 'x';
    CREATE TABLE log (n); CREATE VIRTUAL TABLE words USING fts5(text);
    CREATE VIEW seen AS SELECT a FROM "or""der";
    CREATE TRIGGER noted AFTER INSERT ON "or""der" BEGIN INSERT INTO log VALUES (new.id); END;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO "or""der" SELECT i, iif(i % 2, 'x', 'y'), 'b' || (i % 500), i FROM n;
    ANALYZE`)
  const copy = await copySchema(database, folder)
  setStatistics(copy, (await readStatistics(database)) ?? [])
  for (const [sql, args] of [
    [`SELECT * FROM "or""der" WHERE a = ? AND b = ?`, ['x', 'b1']],
    [`SELECT c FROM "or""der" WHERE a = ? AND c > ? ORDER BY c`, ['x', 5]],
    [`SELECT count(*) FROM seen JOIN log ON log.n = seen.a`, []],
    [`INSERT INTO "or""der" (a) VALUES (?)`, ['z']],
    [`SELECT * FROM words WHERE words MATCH ?`, ['x']],
  ] as const) {
    expect(explainQueryPlan(copy, sql, args)).toEqual(explainQueryPlan(path, sql, args))
  }
  database.close()
})

test('a copy can be given other statistics again and again, and none', async () => {
  const path = join(folder, 'a.db')
  const made = new NativeConnection(path)
  made.scriptSync('CREATE TABLE t (a, b); CREATE INDEX by_a ON t (a); CREATE INDEX by_b ON t (b)')
  made.close()
  const indexOf = (): string | undefined =>
    explainQueryPlan(path, 'SELECT * FROM t WHERE a = 1 AND b = 1', [])[0]?.detail.match(/by_\w/)?.[0]
  const rows = (a: string, b: string) => [
    { table: 't', index: 'by_a', stat: a },
    { table: 't', index: 'by_b', stat: b },
  ]
  setStatistics(path, rows('1000 500', '1000 2'))
  expect(indexOf()).toBe('by_b')
  setStatistics(path, rows('1000 2', '1000 500'))
  expect(indexOf()).toBe('by_a')
  setStatistics(path, [])
  const emptied = new NativeConnection(path, { readOnly: true })
  expect(await readStatistics(emptied)).toEqual([])
  emptied.close()
})
