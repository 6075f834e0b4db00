import * as fc from 'fast-check'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NativeConnection } from '../../target/native.ts'
import type { SqlValue } from '../../target/connection.ts'
import { readImmutable } from './file/immutable-file.ts'
import { rowCounts, tableNames } from './scale.ts'
import { seedDatabase } from './seed-database.ts'
import { tableColumns } from './file/table-columns.ts'
import { verifySeed } from './verify-seed.ts'

let folder = ''
let path = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-seed-'))
  path = join(folder, 'rows.db')
  await seedDatabase({ path, scale: 0.2, seed: 42, ids: 'v4', workers: 0 })
})

afterAll(async () => rm(folder, { recursive: true, force: true }))

const query = (sql: string, file = path): readonly (readonly SqlValue[])[] =>
  readImmutable(file, (connection) => connection.querySync(sql).rows)
const value = (sql: string): number => Number(query(sql)[0]![0])

describe('the file', () => {
  test('is a sound database in WAL mode whose foreign keys all lead somewhere', async () => {
    expect(query('PRAGMA integrity_check')).toEqual([['ok']])
    expect(query('PRAGMA foreign_key_check')).toEqual([])
    expect([...(await readFile(path)).subarray(18, 20)]).toEqual([2, 2])
    expect(value('PRAGMA page_size')).toBe(4096)
  })

  test('holds the same records, packed as tightly, as the engine makes by inserting the rows', () => {
    const copy = join(folder, 'inserted.db')
    const connection = new NativeConnection(copy)
    connection.scriptSync(`PRAGMA journal_mode = OFF; ATTACH '${path}' AS seeded`)
    for (const table of tableNames) {
      const [ddl] = connection.querySync(`SELECT sql FROM seeded.sqlite_schema WHERE name = ?`, [table]).rows
      connection.scriptSync(String(ddl![0]))
      // Sorting by an expression keeps the engine from copying records as they are.
      connection.scriptSync(`INSERT INTO main.${table} SELECT * FROM seeded.${table} ORDER BY rowid + 0`)
    }
    for (const table of tableNames) {
      const sizes = (schema: string): readonly SqlValue[] =>
        connection.querySync(
          `SELECT ncell, payload, pageno FROM dbstat('${schema}') WHERE name = ? AND aggregate = TRUE`,
          [table],
        ).rows[0]!
      const [theirs, ours] = [sizes('main'), sizes('seeded')]
      // Interior cells differ with the number of leaves; the payload of a table lies in leaves alone.
      expect(ours[1]).toBe(theirs[1])
      expect(Number(ours[2]) / Number(theirs[2])).toBeLessThan(1.06)
    }
    connection.close()
  })

  test('stores every value with the type of its column', () => {
    for (const table of tableNames) {
      for (const { name, kind } of tableColumns[table]) {
        expect(query(`SELECT DISTINCT typeof(${name}) FROM ${table} WHERE ${name} IS NOT NULL`)).toEqual([
          [kind],
        ])
      }
    }
  })

  test('has exactly the promised rows, numbered from 1', () => {
    const counts = rowCounts(0.2)
    for (const table of tableNames) {
      expect(query(`SELECT count(*), min(rowid), max(rowid) FROM ${table}`)).toEqual([
        [counts[table], 1, counts[table]],
      ])
    }
  })

  test('has the 14 indexes of the schema', () => {
    expect(value(`SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'idx%'`)).toBe(14)
  })
})

describe('the rows', () => {
  test('are realistic prompts: three states, 8 % deleted, users by Zipf, JSON that parses', () => {
    const statuses = query('SELECT DISTINCT status FROM prompts ORDER BY 1')
    expect(statuses).toEqual([['active'], ['archived'], ['draft']])
    expect(value('SELECT avg(deleted_at IS NOT NULL) FROM prompts')).toBe(0.08)
    const perUser = query('SELECT count(*) FROM prompts GROUP BY user_id ORDER BY 1 DESC').map(([n]) =>
      Number(n),
    )
    expect(perUser[0]! / perUser[Math.floor(perUser.length / 2)]!).toBeGreaterThan(5)
    expect(
      value(`SELECT count(*) FROM prompts WHERE user_id NOT GLOB 'user_2*' OR length(user_id) <> 32`),
    ).toBe(0)
    for (const json of [
      'prompts.tags',
      'prompts.meta_data',
      'evaluations.metrics',
      'test_results.input_data',
    ]) {
      expect(
        value(
          `SELECT count(*) FROM ${json.split('.')[0]} WHERE ${json} IS NOT NULL AND NOT json_valid(${json})`,
        ),
      ).toBe(0)
    }
  })

  test('are Japanese as well as English, in valid UTF-8, of widely varying size', () => {
    const japanese = value(`SELECT avg(content GLOB '*[ぁ-ん]*') FROM prompts`)
    expect(japanese).toBeGreaterThan(0.2)
    expect(japanese).toBeLessThan(0.4)
    expect(value(`SELECT count(*) FROM prompts WHERE content GLOB '*�*'`)).toBe(0)
    expect(value('SELECT max(length(content)) / avg(length(content)) FROM prompts')).toBeGreaterThan(5)
  })

  const faults: Readonly<Record<string, string>> = {
    'prompts changed after they were deleted': 'FROM prompts WHERE updated_at > deleted_at',
    'versions made from a prompt that was deleted':
      'FROM prompts c JOIN prompts p ON p.id = c.parent_id WHERE c.created_at >= p.deleted_at',
    'evaluations created after their prompt was deleted':
      'FROM evaluations e JOIN prompts p ON p.id = e.prompt_id WHERE e.created_at >= p.deleted_at',
    "results after their evaluation's last change":
      'FROM test_results r JOIN evaluations e ON e.id = r.evaluation_id WHERE r.updated_at > e.updated_at',
    'evaluations faster than their slowest result':
      'FROM evaluations e WHERE execution_time_ms < (SELECT max(latency_ms) FROM test_results r WHERE r.evaluation_id = e.id)',
    'inputs in another language than their locale': `FROM test_results
      WHERE (input_data GLOB '*[ぁ-ん]*') <> (json_extract(input_data, '$.locale') = 'ja-JP')`,
    'inputs in another language than their prompt': `FROM test_results r JOIN
      (SELECT e.id, p.content GLOB '*[ぁ-ん]*' AS japanese FROM evaluations e JOIN prompts p ON p.id = e.prompt_id LIMIT -1) e
      ON e.id = r.evaluation_id WHERE (r.input_data GLOB '*[ぁ-ん]*') <> e.japanese`,
    // JSON's \n, and what ends a sentence, become the borders of a JSON array.
    'prompts with a sentence twice': `FROM (SELECT p.id FROM prompts p, json_each('["' || replace(replace(replace(
      trim(json_quote(content), '"'), '\n', '","'), '. ', '","'), '。', '","') || '"]')
      WHERE trim(value) <> '' GROUP BY p.id, trim(value) HAVING count(*) > 1)`,
    'full marks for another answer than the expected one': `FROM test_results
      WHERE expected_output IS NOT NULL AND (actual_output = expected_output) <> (score = 1)`,
  }

  for (const [fault, from] of Object.entries(faults)) {
    test(`are never ${fault}`, () => expect(value(`SELECT count(*) ${from}`)).toBe(0))
  }

  test('hang together as versions: consecutive, same user, later than the parent, some fifty deep', () => {
    const broken = `SELECT count(*) FROM prompts child JOIN prompts parent ON parent.id = child.parent_id
      WHERE child.version <> parent.version + 1 OR child.user_id <> parent.user_id OR child.created_at < parent.created_at`
    expect(value(broken)).toBe(0)
    expect(value('SELECT count(*) FROM prompts WHERE (version = 1) <> (parent_id IS NULL)')).toBe(0)
    expect(value('SELECT max(version) FROM prompts')).toBeGreaterThanOrEqual(50)
    expect(
      value(
        'SELECT count(*) FROM (SELECT parent_id FROM prompts WHERE parent_id IS NOT NULL GROUP BY parent_id, version HAVING count(*) > 1)',
      ),
    ).toBe(0)
  })

  test('are evaluations that mostly completed; the waiting ones are new and without results', () => {
    const share = (status: string): number => value(`SELECT avg(status = '${status}') FROM evaluations`)
    expect(share('failed')).toBeGreaterThan(0.01)
    expect(share('failed')).toBeLessThan(0.05)
    expect(share('running') + share('pending')).toBeGreaterThan(0)
    expect(share('completed')).toBeGreaterThan(0.9)
    const waiting = `status IN ('running', 'pending')`
    expect(
      value(
        `SELECT count(*) FROM evaluations WHERE ${waiting} AND (overall_score IS NOT NULL OR metrics IS NOT NULL OR created_at < '2025-09-15')`,
      ),
    ).toBe(0)
    expect(
      value(
        `SELECT count(*) FROM evaluations e JOIN test_results r ON r.evaluation_id = e.id WHERE e.${waiting}`,
      ),
    ).toBe(0)
    expect(
      value(`SELECT count(*) FROM evaluations WHERE (status = 'failed') <> (error_message IS NOT NULL)`),
    ).toBe(0)
    expect(
      value(
        `SELECT count(*) FROM evaluations e JOIN prompts p ON p.id = e.prompt_id WHERE e.created_at < p.created_at`,
      ),
    ).toBe(0)
  })

  test('are results in skewed numbers whose passing follows the score, and whose mean is the overall score', () => {
    const perEvaluation = 'SELECT count(*) AS n FROM test_results GROUP BY evaluation_id'
    expect(value(`SELECT max(n) / avg(n) FROM (${perEvaluation})`)).toBeGreaterThan(4)
    const passedBy = (condition: string): number =>
      value(`SELECT avg(passed) FROM test_results WHERE ${condition}`)
    expect(passedBy('score >= 0.6')).toBe(1)
    expect(passedBy('score < 0.6')).toBe(0)
    expect(
      value(
        `SELECT max(abs(e.overall_score - (SELECT avg(score) FROM test_results r WHERE r.evaluation_id = e.id))) FROM evaluations e WHERE status = 'completed'`,
      ),
    ).toBeLessThan(0.0001)
    expect(
      value(
        'SELECT count(*) FROM test_results WHERE score NOT BETWEEN 0 AND 1 OR latency_ms < 0 OR cost_usd < 0',
      ),
    ).toBe(0)
  })

  test('are append-mostly: created_at follows the rowid, between October 2023 and the anchor', () => {
    for (const table of ['prompt_templates', 'prompts', 'evaluations']) {
      expect(
        value(
          `SELECT count(*) FROM ${table} a JOIN ${table} b ON b.rowid = a.rowid + 1 WHERE b.created_at < a.created_at`,
        ),
      ).toBe(0)
    }
    for (const table of tableNames) {
      expect(
        value(
          `SELECT count(*) FROM ${table} WHERE created_at NOT BETWEEN '2023-10-01 00:00:00' AND '2025-10-01 00:00:00' OR updated_at < created_at`,
        ),
      ).toBe(0)
    }
  })
})

describe('the same seed and scale', () => {
  test('give the same bytes with any number of workers and any batch size', async () => {
    const expected = await readFile(path)
    for (const [workers, batchRows] of [
      [1, 1],
      [2, 1],
      [3, 25_000],
    ] as const) {
      const again = join(folder, `workers-${workers}.db`)
      await seedDatabase({ path: again, scale: 0.2, seed: 42, ids: 'v4', workers, batchRows })
      expect((await readFile(again)).equals(expected)).toBe(true)
    }
  })

  test('give a digest that reading the file confirms, at any scale', async () => {
    const scales = fc.double({ min: 0.01, max: 0.06, noNaN: true })
    await fc.assert(
      fc.asyncProperty(scales, fc.integer({ min: 0, max: 0xffff_ffff }), async (scale, seed) => {
        const file = join(folder, 'any.db')
        const summary = await seedDatabase({ path: file, scale, seed, ids: 'v4', replace: true })
        const verification = await verifySeed(file)
        expect(verification.differing).toEqual([])
        expect(verification.found).toEqual(summary.digest)
        expect(verification.rows).toEqual(rowCounts(scale))
      }),
      { numRuns: 6 },
    )
  })

  test('give the digest that this version of the generator always gave', async () => {
    const { digest } = await seedDatabase({
      path: join(folder, 'golden.db'),
      scale: 0.01,
      seed: 42,
      ids: 'v4',
    })
    expect(digest.all).toMatchInlineSnapshot(
      `"8089ce399d7a4b03cb3d4201622b451edfa96ede80a50434a31bc26eac495828"`,
    )
  })

  test('give v7 ids that sort by time and end like the v4 ids of the same rows', async () => {
    const v7 = join(folder, 'v7.db')
    await seedDatabase({ path: v7, scale: 0.2, seed: 42, ids: 'v7' })
    for (const table of tableNames) {
      const tails = `SELECT substr(id, 20) FROM ${table} ORDER BY rowid LIMIT 3000`
      expect(query(tails, v7)).toEqual(query(tails))
    }
    const ids = query('SELECT id FROM evaluations ORDER BY rowid', v7).map(([id]) => String(id).slice(0, 13))
    expect(ids.toSorted()).toEqual(ids)
  })
})

test('verification notices a changed value, a changed type, a text that is not UTF-8 and a missing row', async () => {
  const changes = [
    'UPDATE test_results SET score = score / 2 WHERE rowid = 4321',
    `UPDATE prompts SET version = 1.5 WHERE rowid = 12`,
    `UPDATE prompts SET title = CAST(x'ff41' AS TEXT) WHERE rowid = 7`,
    'DELETE FROM evaluations WHERE rowid = 600',
  ]
  for (const [index, change] of changes.entries()) {
    const file = join(folder, `changed-${index}.db`)
    await seedDatabase({ path: file, scale: 0.02, seed: 1, ids: 'v4' })
    const connection = new NativeConnection(file)
    connection.scriptSync(`PRAGMA foreign_keys = OFF; ${change}`)
    connection.close()
    expect((await verifySeed(file)).differing).toHaveLength(1)
  }
})

test('nothing is left beside a finished database', async () => {
  expect((await readdir(folder)).filter((name) => name.includes('.seeding-'))).toEqual([])
})
