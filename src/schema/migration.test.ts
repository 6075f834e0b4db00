import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { datasetMigrations } from './dataset-migrations.ts'
import { readMigrations } from './migration.ts'
import { migrationsFolder } from '../reference/migrations-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forgebench-migrations-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const write = (id: string, description: unknown, up = 'SELECT 1;', down = 'SELECT 2;'): void => {
  mkdirSync(join(folder, id), { recursive: true })
  writeFileSync(
    join(folder, id, 'migration.json'),
    typeof description === 'string' ? description : JSON.stringify(description),
  )
  writeFileSync(join(folder, id, 'up.sql'), up)
  writeFileSync(join(folder, id, 'down.sql'), down)
}
const described = (id: string, dependsOn: readonly string[] = []): unknown => ({
  id,
  dependsOn,
  claims: ['C1'],
  why: 'a test',
})

it('reads every folder, dependencies first', async () => {
  write('a', described('a', ['z']))
  write('z', described('z'))
  writeFileSync(join(folder, 'README.md'), 'not a migration')
  expect((await readMigrations(folder)).map(({ id }) => id)).toEqual(['z', 'a'])
})

it('tells all mistakes of all files at once, with path and reason', async () => {
  write('a', '{ "id": ')
  write('b', { id: 'B', dependsOn: ['a'], claims: [' '] }, 'BEGIN; SELECT 1;', '-- nothing')
  write('c', described('other'))
  write('d', described('d', ['nowhere']))
  mkdirSync(join(folder, 'e'))
  const error = await readMigrations(folder).catch((error: unknown) => error as Error)
  expect(error).toMatchObject({ code: 'MIGRATIONS_INVALID', exit: 2 })
  const lines = (error as Error).message.split('\n  ').map((line) => line.replace(`${folder}/`, ''))
  expect(lines).toEqual([
    expect.stringMatching(/^a\/migration\.json: not JSON: /),
    expect.stringMatching(/^b\/migration\.json: id: /),
    expect.stringMatching(/^b\/migration\.json: claims\.0: /),
    expect.stringMatching(/^b\/migration\.json: why: /),
    expect.stringMatching(/^b\/up\.sql:1: BEGIN is not for a migration.*; delete BEGIN$/),
    expect.stringMatching(/^b\/down\.sql:1: no statement/),
    expect.stringMatching(/^c\/migration\.json: id: «other» is not its folder's name «c»/),
    expect.stringMatching(/^e\/migration\.json: not there/),
    expect.stringMatching(/^e\/up\.sql: not there/),
    expect.stringMatching(/^e\/down\.sql: not there/),
    expect.stringMatching(/^d\/migration\.json: dependsOn: no migration «nowhere»/),
  ])
})

it('skips a byte order mark in each of its three files, as an editor on Windows writes it', async () => {
  const mark = '\u{feff}'
  write('a', `${mark}${JSON.stringify(described('a'))}`, `${mark}SELECT 1;`, `${mark}SELECT 2;`)
  const [migration] = await readMigrations(folder)
  expect([...migration!.up.statements]).toEqual([{ text: 'SELECT 1', line: 1 }])
  expect([...migration!.down.statements]).toEqual([{ text: 'SELECT 2', line: 1 }])
})

it('refuses a circle of dependencies', async () => {
  write('a', described('a', ['b']))
  write('b', described('b', ['a']))
  await expect(readMigrations(folder)).rejects.toThrow(/a, b depend on each other in a circle/)
})

it('has a checksum over both scripts and the dependencies, but not over line endings and why', async () => {
  const checksum = async (): Promise<string | undefined> => (await readMigrations(folder))[0]?.checksum
  write('a', described('a'), 'SELECT 1;\nSELECT 2;')
  const first = await checksum()
  write('a', { ...(described('a') as object), why: 'another reason' }, 'SELECT 1;\r\nSELECT 2;')
  expect(await checksum()).toBe(first)
  write('a', described('a'), 'SELECT 1;\nSELECT 2;', 'SELECT 3;')
  expect(await checksum()).not.toBe(first)
})

it('lays the migrations of a project over ours, and refuses another ground for the data', async () => {
  const ours = await readMigrations(migrationsFolder)
  const schema = { kind: 'migrations', folder: migrationsFolder } as const
  expect((await datasetMigrations(schema)).map(({ id }) => id)).toEqual(ours.map(({ id }) => id))
  write('a', described('a', ['initial', 'composite-indexes']))
  write('partial-indexes', described('partial-indexes', ['initial']), 'SELECT 5')
  const all = await datasetMigrations(schema, folder)
  expect(new Set(all.map(({ id }) => id))).toEqual(new Set([...ours.map(({ id }) => id), 'a']))
  expect(all).toHaveLength(ours.length + 1)
  const replaced = all.find(({ id }) => id === 'partial-indexes')
  expect(Array.from(replaced!.up.statements, ({ text }) => text)).toEqual(['SELECT 5'])
  write('initial', described('initial'))
  await expect(datasetMigrations(schema, folder)).rejects.toMatchObject({
    code: 'MIGRATION_INITIAL',
    exit: 2,
  })
})

it('has every recommendation of ours depend on the initial schema alone', async () => {
  const migrations = await readMigrations(migrationsFolder)
  expect(migrations.map(({ id }) => id)).toEqual([
    'initial',
    'binary-uuids',
    'composite-indexes',
    'composite-indexes-better',
    'covering-index',
    'covering-index-better',
    'partial-indexes',
    'partial-indexes-better',
    'partial-indexes-full',
  ])
  expect(migrations[0]).toMatchObject({ revision: 'fbaa8f944a75', dependsOn: [] })
  for (const { dependsOn } of migrations.slice(1)) expect(dependsOn).toEqual(['initial'])
})
