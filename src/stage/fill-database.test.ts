import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UsageError } from '../core/errors.ts'
import type { DatasetFill, GeneratedRow } from '../scenario/dataset.ts'
import { filledDatabase, type FilledDatabase } from './filled-database.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-fill-'))
  await writeFile(join(folder, 'schema.sql'), 'CREATE TABLE t (a);')
})

afterEach(async () => rm(folder, { recursive: true, force: true }))

const filled = (fill: DatasetFill): Promise<FilledDatabase> =>
  filledDatabase(
    { name: 'shop', schema: { kind: 'sql', files: [join(folder, 'schema.sql')] }, fill },
    { scale: 1, seed: 1, ids: 'v4' },
    { folder },
  )

/** The message of what is refused; it shows no path of the cache. */
async function refusal(fill: DatasetFill): Promise<string> {
  const error: unknown = await filled(fill).then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UsageError)
  const { message } = error as UsageError
  expect(message).not.toMatch(/building|\n/)
  return message
}

const generator = (rows: () => unknown): DatasetFill => ({
  kind: 'generator',
  version: 1,
  rows: rows as () => Iterable<GeneratedRow>,
})
const rowOf = (row: unknown): DatasetFill => generator(() => [['t', row]])

test.each([
  ['a date', new Date(0), 'of type Date'],
  ['an object', {}, 'of type Object'],
  ['a list', [1], 'of type Array'],
  ['a function', () => 1, 'a function'],
  ['an integer of more than 64 bits', 2n ** 70n, '1180591620717411303424'],
  ['what is no number', Number.NaN, 'NaN'],
  ['nothing', undefined, 'undefined'],
])('a generator that gives %s as a value is refused with the column', async (_, value, shown) => {
  expect(await refusal(rowOf({ a: value }))).toBe(
    `dataset shop: row 1: t.a is ${shown}; give null, a number, a bigint of 64 bits, a text or bytes (1 and 0 for booleans)`,
  )
})

test('a generator that gives no rows as they are to be is refused', async () => {
  expect(await refusal(rowOf({}))).toBe('dataset shop: row 1: t: a row without columns; give one')
  expect(await refusal(rowOf([1]))).toContain("yield ['table', { column: value }]")
  for (const returned of [undefined, Promise.resolve([])])
    expect(await refusal(generator(() => returned))).toContain('rows() returns nothing to iterate over')
})

test('a generator that awaits what never happens ends with one line', async () => {
  const imported = (path: string): string => JSON.stringify(new URL(path, import.meta.url).pathname)
  const entry = join(folder, 'entry.mts')
  await writeFile(
    entry,
    `import { filledDatabase } from ${imported('./filled-database.ts')}
async function* rows() { yield ['t', { a: 1 }]; await new Promise(() => {}) }
const schema = { kind: 'sql', files: [${JSON.stringify(join(folder, 'schema.sql'))}] }
await filledDatabase({ name: 'shop', schema, fill: { kind: 'generator', version: 1, rows } },
  { scale: 1, seed: 1, ids: 'v4' }, { folder: ${JSON.stringify(folder)} },
).catch(({ message }) => process.stdout.write(message))`,
  )
  const { stdout } = spawnSync(process.execPath, ['--import', import.meta.resolve('jiti/register'), entry])
  expect(stdout.toString()).toBe(
    'dataset shop: row 1: after it the generator awaits what never happens; let it end',
  )
})

const shell = (script: string): DatasetFill => ({
  kind: 'command',
  version: script,
  command: 'sh',
  args: ['-c', script, '{path}'],
})

test.each([
  ['rm $0', 'no file'],
  [': > $0', 'an empty file'],
  ['echo garbage > $0', 'a file that is no SQLite database'],
  ['rm $0; mkdir $0', 'a directory'],
])('a command that makes no database is refused: %s', async (script, left) => {
  expect(await refusal(shell(script))).toBe(
    `sh left ${left} at the path it was given; it has to make a database there`,
  )
})

test('a command that leaves a damaged database is refused with the dataset', async () => {
  const script = 'head -c 5000 /dev/zero | tr "\\0" x | dd of=$0 bs=1 seek=100 conv=notrunc 2> /dev/null'
  await expect(filled(shell(script))).rejects.toThrow(/^dataset shop: (?!.*building).*malformed/)
})

test('a command that cannot be started is refused with the fix', async () => {
  const start = (command: string): Promise<string> =>
    refusal({ kind: 'command', version: 1, command, args: [] })
  expect(await start('no-such-program')).toMatch(/^no-such-program: no such program; install it, or write/)
  const script = join(folder, 'schema.sql')
  expect(await start(script)).toContain(`${script}: may not be run; make it executable (chmod +x)`)
})

test('a builder that throws, makes no file or returns no digest is refused', async () => {
  const builder = (build: () => Promise<unknown>): DatasetFill => ({
    kind: 'builder',
    version: 1,
    build: build as () => Promise<{ digest: string }>,
  })
  expect(await refusal(builder(() => Promise.reject(new Error('no plan'))))).toBe(
    'dataset shop: build threw no plan',
  )
  expect(await refusal(builder(async () => undefined))).toContain('build returned no digest')
  expect(await refusal(builder(async () => ({ digest: 'd' })))).toContain('build left no file')
})

async function sqlRefusal(text: string | Uint8Array): Promise<string> {
  const path = join(folder, 'rows.sql')
  await writeFile(path, text)
  return (await refusal({ kind: 'sql', files: [path] })).replace(path, 'rows.sql')
}

test('SQL that would leave the database or undo its rows is refused', async () => {
  const other = join(folder, 'other.db')
  expect(await sqlRefusal(`\n/* */ attach '${other}' AS o; CREATE TABLE o.x (a);`)).toMatch(
    /^rows\.sql:2: ATTACH opens another database/,
  )
  expect(await readdir(folder)).not.toContain('other.db')
  expect(await sqlRefusal('BEGIN; INSERT INTO t VALUES (1);\nROLLBACK;')).toMatch(/^rows\.sql:2: ROLLBACK/)
})

test('a dump that was cut short or is not UTF-8 is refused', async () => {
  expect(await sqlRefusal('PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nINSERT INTO t VALUES (1);')).toBe(
    'rows.sql:2: BEGIN without COMMIT: the dump was cut short; make it anew',
  )
  expect(await sqlRefusal(Buffer.from("INSERT INTO t VALUES ('caf\u00e9');", 'latin1'))).toBe(
    'rows.sql: holds text that is not UTF-8; convert it, such as with iconv -f latin1 -t utf-8',
  )
})

test('a dump that was split into two files is one', async () => {
  const files = ['a.sql', 'b.sql'].map((name) => join(folder, name))
  await writeFile(files[0]!, 'BEGIN;\nINSERT INTO t VALUES (1);')
  await writeFile(files[1]!, 'INSERT INTO t VALUES (2);\nCOMMIT;')
  expect((await filled({ kind: 'sql', files })).path).toContain('shop-')
})

test('a file where the folder of a database should be is replaced', async () => {
  const fill = rowOf({ a: 1 })
  const { path } = await filled(fill)
  await rm(dirname(path), { recursive: true })
  await writeFile(dirname(path), 'not a folder')
  expect((await filled(fill)).path).toBe(path)
  expect(await readdir(dirname(dirname(path)))).toEqual([basename(dirname(path))])
})
