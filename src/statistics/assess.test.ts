import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NativeConnection } from '../target/native.ts'
import { assess, type AssessedIndex, type Assessment } from './assess.ts'
import { statisticsProblems } from './problems.ts'

let folder: string
let database: NativeConnection
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forgebench-assess-'))
  database = new NativeConnection(join(folder, 'a.db'))
})
afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

/** 3,000 rows: `d` is NULL but in 200 of them, `u` has 30 values, `s` is 'running' in 300. */
const filled = `
  CREATE TABLE p (id INTEGER PRIMARY KEY, u TEXT, d TEXT, s TEXT);
  CREATE INDEX by_u ON p (u);
  CREATE INDEX by_d ON p (d DESC);
  CREATE INDEX running ON p (u) WHERE s = 'running' -- the few
  ;
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO p SELECT i, 'u' || (i % 30), CASE WHEN i % 15 = 0 THEN 'd' || i END,
    iif(i % 10 = 0, 'running', 'done') FROM n;`

const indexOf = ({ tables }: Assessment, name: string): AssessedIndex => {
  const found = tables.flatMap(({ indexes }) => indexes).find(({ shape }) => shape.name === name)
  if (found === undefined) throw new Error(`no index ${name}`)
  return found
}
const codes = (assessment: Assessment): readonly string[] =>
  statisticsProblems(assessment).map(({ code, index, table }) => `${code} ${index ?? table ?? ''}`.trim())

describe('what the planner knows', () => {
  it('is nothing without sqlite_stat1, and nothing with an empty one', async () => {
    database.scriptSync(filled)
    expect(codes(await assess(database, 'exact'))).toEqual(['missing'])
    database.scriptSync('ANALYZE; DELETE FROM sqlite_stat1')
    expect(codes(await assess(database, 'exact'))).toEqual(['empty'])
  })

  it('misleads where a mean per key hides one large group, and says which', async () => {
    database.scriptSync(`${filled} ANALYZE`)
    const assessment = await assess(database, 'exact')
    expect(codes(assessment)).toEqual(['misleading by_d'])
    expect(statisticsProblems(assessment)[0]?.message).toBe(
      'by_d: 15 rows per key are stated, but d IS NULL holds 2,800 of 3,000',
    )
    expect(indexOf(assessment, 'by_u')).toMatchObject({
      entries: 3000,
      row: { stat: '3000 100' },
      largest: [{ prefix: 1, rows: 100, sampledRows: null }],
    })
    expect(indexOf(assessment, 'running')).toMatchObject({ entries: 300, row: { stat: '300 100' } })
  })

  it('is stale where rows came or went since, lacks new indexes, and has rows for those that are gone', async () => {
    database.scriptSync(`${filled} ANALYZE;
      DELETE FROM p WHERE id > 1000;
      CREATE INDEX fresh ON p (s, u);
      INSERT INTO sqlite_stat1 VALUES ('p', 'gone', '3000 7'), ('nowhere', NULL, '12')`)
    expect(codes(await assess(database, 'exact'))).toEqual([
      'misleading by_d',
      'stale p',
      'no-row fresh',
      'no-index gone',
      'no-index nowhere',
    ])
  })

  it('is compared with a count of every row: also of tables WITHOUT ROWID, empty ones, and with free pages', async () => {
    database.scriptSync(`
      CREATE TABLE w (a TEXT, b INTEGER, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
      CREATE INDEX w_c ON w (c);
      CREATE TABLE hollow (a INTEGER UNIQUE);
      CREATE TABLE long (t TEXT);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
      INSERT INTO w SELECT 'k' || (i % 7), i, iif(i < 2400, 'same', i) FROM n;
      INSERT INTO long SELECT hex(zeroblob(9000)) FROM w WHERE b <= 40;
      DELETE FROM w WHERE b <= 100;
      ANALYZE`)
    const assessment = await assess(database, 'exact')
    expect(assessment.tables.map(({ name, rows, statedRows }) => [name, rows, statedRows])).toEqual([
      ['hollow', 0, undefined],
      ['long', 40, 40],
      ['w', 2400, 2400],
    ])
    // The primary key of a table WITHOUT ROWID stands in sqlite_stat1 by the name of the table.
    expect(indexOf(assessment, 'w')).toMatchObject({ entries: 2400, row: { stat: '2400 343 1' } })
    expect(indexOf(assessment, 'w_c')).toMatchObject({ largest: [{ rows: 2299, values: ['same'] }] })
    expect(codes(assessment)).toEqual(['misleading w_c'])
  })

  it('counts groups as the index compares: by its collation, by its expression, in its part of the table', async () => {
    database.scriptSync(`
      CREATE TABLE t (name TEXT, j TEXT, state TEXT);
      CREATE INDEX folded ON t (name COLLATE NOCASE);
      CREATE INDEX inside ON t (json_extract(j, '$.a  b') /* two blanks */ DESC, state);
      CREATE INDEX part ON t (state) WHERE name > 'm' AND state <> ';';
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
      INSERT INTO t SELECT iif(i % 2, 'Ab', 'aB'), json_object('a  b', i % 4, 'a b', i), 's' FROM n;
      INSERT INTO t VALUES ('z', '{}', ';'), ('z', '{}', 'only');
      ANALYZE`)
    const assessment = await assess(database, 'exact')
    expect(indexOf(assessment, 'folded').largest).toMatchObject([{ rows: 1000 }])
    expect(indexOf(assessment, 'inside').largest[0]).toMatchObject({ prefix: 1, rows: 250 })
    expect(indexOf(assessment, 'part')).toMatchObject({
      entries: 1,
      largest: [{ rows: 1, values: ['only'] }],
    })
  })

  it('is read whatever the names and values are', async () => {
    const name = 'a "quoted"\nindex; DROP TABLE x --é'
    const quoted = `"${name.replaceAll('"', '""')}"`
    database.scriptSync(`
      CREATE TABLE ${quoted} (${quoted} TEXT, rowid TEXT, b BLOB);
      CREATE INDEX "i${name.replaceAll('"', '""')}" ON ${quoted} (${quoted}, b);
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499)
      INSERT INTO ${quoted} SELECT iif(i < 400, CAST(x'ff41' AS TEXT), 'v' || i), i, x'00' FROM n;
      ANALYZE`)
    for (const counting of ['exact', 'sampled'] as const) {
      const index = indexOf(await assess(database, counting), `i${name}`)
      expect(index.misleading).toMatchObject([{ group: { rows: 400 } }, { group: { rows: 400 } }])
      expect(index.largest[0]?.values).toEqual([Buffer.from([0xff, 0x41])])
    }
  })

  it('says how many histogram rows of another build there are', async () => {
    database.scriptSync(`${filled} ANALYZE; PRAGMA writable_schema = ON;
      INSERT INTO sqlite_schema SELECT 'table', 'sqlite_stat4', 'sqlite_stat4', rootpage,
        'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)' FROM sqlite_schema WHERE name = 'sqlite_stat1';
      PRAGMA writable_schema = RESET`)
    expect((await assess(database, 'none')).histogramRows).toBe(3)
  })
})

describe('a sample', () => {
  it('finds the groups that mislead, whatever the gaps between row numbers', async () => {
    database.scriptSync(`${filled} ANALYZE; UPDATE p SET id = id * 7919 + (id % 11) * 1000000000`)
    const assessment = await assess(database, 'sampled')
    expect(codes(assessment)).toEqual(['misleading by_d'])
    const [group] = indexOf(assessment, 'by_d').largest
    expect(group?.values).toEqual([null])
    expect(group?.rows).toBeGreaterThan(2600)
    expect(indexOf(assessment, 'by_u').misleading).toEqual([])
  })

  it('says nothing of groups that chance alone may have put into it', async () => {
    database.scriptSync(`${filled} CREATE UNIQUE INDEX each ON p (s, id); ANALYZE`)
    const { largest } = indexOf(await assess(database, 'sampled'), 'each')
    expect(largest).toMatchObject([{ prefix: 1, values: ['done'] }])
  })

  it('of a small table is all of it', async () => {
    database.scriptSync(`${filled} DELETE FROM p WHERE id > 900; ANALYZE`)
    const { largest } = indexOf(await assess(database, 'sampled'), 'by_d')
    expect(largest).toMatchObject([{ rows: 840, sampledRows: 900 }])
  })

  it('of an empty table, a view and a table without row numbers is none', async () => {
    database.scriptSync(`
      CREATE TABLE hollow (a UNIQUE); CREATE VIEW v AS SELECT a FROM hollow;
      CREATE TABLE w (a TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO w VALUES ('x')`)
    const { tables } = await assess(database, 'sampled')
    expect(tables.flatMap(({ indexes }) => indexes.flatMap(({ largest }) => largest))).toEqual([])
  })
})
