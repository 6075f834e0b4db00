import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOnce } from '../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../fixtures/cli/in-process.ts'
import { writeFiles } from '../../fixtures/cli/user-project.ts'
import { answer, RawServer } from '../../fixtures/load/raw-server.ts'
import { NativeConnection } from '../target/native.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-cases-'))
beforeAll(() => buildOnce())
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folders = 0

/** Runs a command in a project of its own; user code is shown none of ours. */
async function inProject(files: Readonly<Record<string, string>>, args: readonly string[]) {
  const cwd = join(root, String(folders++))
  mkdirSync(cwd)
  writeFiles(cwd, files)
  const ended = await forgebenchHere(args, { cwd, env: { FORGEBENCH_CACHE: join(root, 'cache') } })
  expect(ended.stderr, 'a stack trace').not.toMatch(/^ +at /m)
  expect(ended.stderr, 'a path of ours').not.toMatch(/clones-|\/cache\//)
  return ended
}

const newest = {
  kind: 'read',
  id: 'newest',
  title: 'newest of a user',
  sql: 'SELECT id, title FROM prompts WHERE user_id = ? ORDER BY created_at DESC, id LIMIT 5',
  draw: { table: 'prompts', columns: ['user_id'] },
  rows: { min: 1, max: 5 },
}

/** A scenario that compares what is there with one migration, or measures what is there. */
const scenario = (migration: string | null, operations: readonly object[] = [newest]): string =>
  `import { defineScenario } from 'forgebench'
export default defineScenario(${JSON.stringify({
    title: 'A case',
    why: 'Somebody met it.',
    claims: [],
    statistics: ['analyzed'],
    variants: [
      { id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] },
      ...(migration === null
        ? []
        : [{ id: 'new', title: 'with it', role: 'alternative', migrations: [migration] }]),
    ],
    operations,
  })})
`

const migration = (id: string, up: string, down: string, mark = ''): Readonly<Record<string, string>> => ({
  [`migrations/${id}/migration.json`]: `${mark}${JSON.stringify({ id, dependsOn: ['initial'], claims: [], why: 'a case' })}\n`,
  [`migrations/${id}/up.sql`]: `${up}\n`,
  [`migrations/${id}/down.sql`]: `${down}\n`,
})

const index = migration('add-index', 'CREATE INDEX i1 ON prompts (user_id, created_at);', 'DROP INDEX i1;')

const withoutRowid = `CREATE TABLE prompts_w (
  id TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL, description TEXT, content TEXT NOT NULL, system_message TEXT,
  tags JSON, meta_data JSON, version INTEGER NOT NULL DEFAULT 1, parent_id TEXT REFERENCES prompts (id),
  user_id TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT
) WITHOUT ROWID;
INSERT INTO prompts_w SELECT * FROM prompts;
DROP TABLE prompts;
ALTER TABLE prompts_w RENAME TO prompts;
CREATE INDEX idx_prompts_user_id ON prompts (user_id);`

interface Case {
  readonly files: Readonly<Record<string, string>>
  readonly verb: 'explain' | 'run'
  readonly exit: number
  readonly says: RegExp
}

const cases: Readonly<Record<string, Case>> = {
  'a migration that fails is a mistake of the migration': {
    files: {
      ...migration(
        'half',
        'CREATE INDEX a ON prompts (title);\nCREATE UNIQUE INDEX b ON prompts (user_id);',
        'DROP INDEX b;\nDROP INDEX a;',
      ),
      's.ts': scenario('half'),
    },
    verb: 'explain',
    exit: 2,
    says: /^forgebench: s: migrations\/half\/up\.sql:2 \(CREATE UNIQUE INDEX b [^\n]+ UNIQUE constraint failed: prompts\.user_id\n$/m,
  },
  'rows that refer to nothing after a migration are one, too': {
    files: {
      ...migration('cascade', 'DELETE FROM prompts WHERE rowid <= 20;', 'SELECT 1;'),
      's.ts': scenario('cascade'),
    },
    verb: 'explain',
    exit: 2,
    says: /^forgebench: s: cascade up: \d+ rows? refers? to nothing/m,
  },
  'an order by a column that is not returned names scenario and operation': {
    files: { 's.ts': scenario(null, [{ ...newest, orderedBy: ['created_at'] }]) },
    verb: 'run',
    exit: 2,
    says: /^forgebench: s: newest on baseline: orderedBy names "created_at"/m,
  },
  'an answer that depends on the clock is blamed on the statement': {
    files: {
      's.ts': scenario('composite-indexes', [
        {
          ...newest,
          sql: "SELECT id, julianday('now') - julianday(created_at) FROM prompts WHERE user_id = ?",
          rows: { min: 0, max: 1000 },
        },
      ]),
    },
    verb: 'run',
    exit: 4,
    says: /^forgebench: s: newest on baseline: its answer does not repeat on one database/m,
  },
  'a byte order mark in JSON is skipped': {
    files: {
      ...migration('marked', 'CREATE INDEX i1 ON prompts (user_id, created_at);', 'DROP INDEX i1;', '\ufeff'),
      's.ts': scenario('marked'),
    },
    verb: 'explain',
    exit: 0,
    says: /→ idx_prompts_user_id → i1/,
  },
  'pragmas of a generated migration are skipped with their lines': {
    files: {
      ...migration(
        'generated',
        'PRAGMA foreign_keys=OFF;--> statement-breakpoint\nCREATE INDEX i1 ON prompts (user_id, created_at);\nPRAGMA foreign_keys=ON;',
        'DROP INDEX i1;',
      ),
      's.ts': scenario('generated'),
    },
    verb: 'explain',
    exit: 0,
    says: /^warning: s: generated\/up\.sql:1: PRAGMA foreign_keys=OFF is skipped[^]*up\.sql:3: PRAGMA foreign_keys=ON is skipped/m,
  },
  'arguments are drawn from a table without row ids': {
    files: { ...migration('norowid', withoutRowid, 'SELECT 1;'), 's.ts': scenario('norowid') },
    verb: 'explain',
    exit: 0,
    says: /^ {2}new +SEARCH prompts USING INDEX idx_prompts_user_id/m,
  },
}

describe('what somebody met', () => {
  test.each(Object.entries(cases))('%s', async (_, { files, verb, exit, says }) => {
    const rounds = verb === 'run' ? ['--rounds', '2'] : []
    const { status, stdout, stderr } = await inProject(files, [verb, './s.ts', '--scale', '0.02', ...rounds])
    expect(`${stdout}${stderr}`).toMatch(says)
    expect(status).toBe(exit)
  })

  test('migrations are looked for beside the file that a link leads to', async () => {
    const project = join(root, 'linked')
    writeFiles(project, { ...index, 'bench/prompts.ts': scenario('add-index') })
    symlinkSync(join(project, 'bench', 'prompts.ts'), join(root, 'link.ts'))
    const { status, stdout } = await inProject({}, ['explain', '../link.ts', '--scale', '0.02'])
    expect(stdout).toContain('→ idx_prompts_user_id → i1')
    expect(status).toBe(0)
  })
})

/** Tables and columns with names of the language, blanks, semicolons and umlauts, and integers above 2^53. */
function strangeDatabase(path: string): void {
  const db = new NativeConnection(path)
  db.scriptSync(`
    CREATE TABLE "order" ("order id" INTEGER PRIMARY KEY, "select" TEXT NOT NULL, "semi;colon" TEXT, "Größe" REAL);
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
    INSERT INTO "order" SELECT 9007199254740993 + i * 7919, 'user ' || (i % 50), 'a;b' || (i % 20), i / 7.0 FROM n;
    ANALYZE;
  `)
  db.close()
}

const strange = scenario(null, [
  {
    kind: 'read',
    id: 'quoted',
    title: 'names in quotes',
    sql: 'SELECT "order id", "select" FROM "order" WHERE "select" = ? ORDER BY "order id" LIMIT 5',
    draw: { table: 'order', columns: ['select'] },
    rows: { min: 1, max: 5 },
    orderedBy: ['order id'],
  },
  {
    kind: 'read',
    id: 'big',
    title: 'by a big integer',
    sql: 'SELECT "Größe" FROM "order" WHERE "order id" = ?',
    draw: { table: 'order', columns: ['order id'] },
    rows: { min: 1, max: 1 },
  },
  {
    kind: 'read',
    id: 'semicolon',
    title: 'by a column with a semicolon',
    sql: 'SELECT count(*) FROM "order" WHERE "semi;colon" IS ?',
    draw: { table: 'order', columns: ['semi;colon'] },
    rows: { min: 1, max: 1 },
  },
])

test('any name that SQLite allows is drawn from, and integers above 2^53 are bound as they are', async () => {
  strangeDatabase(join(root, 'a.db'))
  strangeDatabase(join(root, 'b.db'))
  const sides = ['--baseline', 'file:../a.db', '--candidate', 'file:../b.db', '--max-seconds', '3']
  const { status, stdout, stderr } = await inProject({ 's.ts': strange }, [
    'gate',
    'compare',
    './s.ts',
    ...sides,
  ])
  expect(`${status} ${stderr}`).toMatch(/^[03] /)
  for (const operation of ['quoted', 'big', 'semicolon']) expect(stdout).toContain(`${operation} p95`)
})

describe('a load profile without data', () => {
  const profile = `export default {
    title: 'Without data', why: 'A case.',
    requests: [{ id: 'root', title: 'the root', method: 'GET', path: () => '/', status: 200 }],
    mixes: { all: { root: 1 } },
    thresholds: { http_req_failed: ['rate<0.01'] },
  }
  `
  const load = async (before: string) => {
    const server = await RawServer.start(({ socket }) => void socket.write(before + answer(200)))
    const how = ['--rate', '20', '--duration', '2', '--no-floor', '--json']
    const target = ['--url', server.url, '--profile', './p.ts']
    const ended = await inProject({ 'p.ts': profile }, ['load', ...target, ...how])
    await server.kill()
    return ended
  }

  test.each([
    ['nothing', ''],
    ['an interim 100 that nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['early hints', 'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n'],
  ])('is sent, with %s before each answer', async (_, before) => {
    const { status, stdout, stderr } = await load(before)
    expect(`${status} ${stderr}`).toMatch(/^0 /)
    expect(stdout).toContain('"answered":')
  })
})
