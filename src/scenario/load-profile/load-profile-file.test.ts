import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UsageError } from '../../core/errors.ts'
import { listLoadProfiles, listScenarios } from '../built-in.ts'
import { readLoadData } from './load-data.ts'
import { loadProfile, loadProfileForSending } from './load-profile-file.ts'
import type { LoadProfile } from './load-profile.ts'
import { tryRequests } from './load-profile-trial.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-profiles-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What the type checker says of a file of a user, who has forgebench installed. */
function typeErrors(path: string, root: string): readonly string[] {
  const program = ts.createProgram([path], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    types: [],
    paths: { forgebench: [join(root, 'src/index.ts')] },
  })
  return ts
    .getPreEmitDiagnostics(program)
    .map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'))
}

const refusal = (error: unknown): string =>
  error instanceof UsageError
    ? error.message.replaceAll(folder, '…')
    : `not a UsageError: ${error instanceof Error ? error.stack : String(error)}`

describe('readLoadData', () => {
  const tables = { users: { table: 'users', columns: ['id'], rows: 2 } }
  const profile = { data: { file: 'things.data.json', tables } } as unknown as LoadProfile
  const read = async (text: string | undefined): Promise<string> => {
    const path = join(folder, 'things.data.json')
    await rm(path, { force: true })
    if (text !== undefined) await writeFile(path, text)
    return readLoadData(path, profile, './p.ts').then((data) => JSON.stringify(data), refusal)
  }

  test('rows that the profile declares are read', async () => {
    expect(await read('{"users":[{"id":"a"},{"id":7}]}')).toBe('{"users":[{"id":"a"},{"id":7}]}')
  })

  test('rows of CSV are read as text, and a byte order mark is skipped in both forms', async () => {
    const rows = JSON.stringify({
      users: [
        { id: '007', name: 'a, "b"' },
        { id: '', name: 'c\nd' },
      ],
    })
    const csv = 'id,name\r\n007,"a, ""b"""\r\n\r\n,"c\nd"\r\n'
    expect(await read(csv)).toBe(rows)
    expect(await read(`\u{feff}${csv}`)).toBe(rows)
    expect(await read(`\u{feff}${rows}`)).toBe(rows)
  })

  test.each([
    ['no file', undefined, 'no such file with the rows of the profile'],
    ['no JSON', '{', 'is not JSON'],
    ['nothing', '', 'is not JSON'],
    ['CSV with a row too long', 'id\n1,2\n', 'has 2 fields in row 1 of the CSV, and 1 in its first line'],
    ['CSV with a stray quote', 'id\na"b\n', 'has a quote in a field of CSV'],
    ['CSV without the column', 'name\n1\n', 'a row of users has no id'],
    ['CSV without rows', 'id\n', 'has no rows of users'],
    ['no tables', '[]', 'not the rows of a load profile'],
    ['a nested value', '{"users":[{"id":{}}]}', 'not the rows of a load profile, by table (at users.0.id)'],
    ['no rows', '{"users":[]}', 'has no rows of users, which the profile draws from'],
    ['another table', '{"people":[{"id":1}]}', 'has no rows of users'],
    ['no column', '{"users":[{"id":1},{}]}', 'a row of users has no id'],
  ])('%s is one line with the command that draws them', async (_name, text, message) => {
    const found = await read(text)
    expect(found).toContain(`…/things.data.json: ${message}`)
    expect(found).toContain('forgebench load draw-data --db file:bench.db --profile ./p.ts')
    expect(found).not.toContain('\n')
  })
})

describe('loadProfile', () => {
  test('every profile of ours loads by its id, with rows that fit and requests that can be made', async () => {
    const files = await listLoadProfiles()
    expect(files.map(({ id }) => id)).toEqual(['load/prompts-api'])
    for (const { id, path } of files) {
      const loaded = await loadProfile(id)
      expect(loaded).toMatchObject({ id, path })
      const data = await readLoadData(loaded.dataPath, loaded.profile, loaded.shown)
      await tryRequests(loaded, data)
    }
    expect((await loadProfile('prompts-api')).id).toBe('load/prompts-api')
  })

  test('the example of the README loads from anywhere on the disk, and passes the type checker', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    const readme = await readFile(join(root, 'scenarios/README.md'), 'utf8')
    const text = /```ts\n(import type \{ LoadProfile.*?)```/s.exec(readme)?.[1] ?? ''
    const path = join(folder, 'my-profile.ts')
    await writeFile(path, text)
    const loaded = await loadProfile(path)
    expect(loaded).toMatchObject({ id: 'my-profile', dataPath: join(folder, 'my-profile.data.json') })
    await tryRequests(loaded, { owners: [{ user_id: 'user_1' }] })
    expect(typeErrors(path, root)).toEqual([])
  })

  test('a profile that draws no rows needs no file of them, for any engine', async () => {
    const path = join(folder, 'no-rows.ts')
    await writeFile(
      path,
      `export default { title: 'a page', why: 'a test', thresholds: {}, mixes: { all: { page: 1 } },
      requests: [{ id: 'page', title: 'page', method: 'GET', path: () => '/page', status: 200 }] }`,
    )
    const { dataPath, profile, shown } = await loadProfile(path)
    expect(await readLoadData(dataPath, profile, shown)).toEqual({})
    const sending = await loadProfileForSending({ profilePath: path, dataPath, mix: 'all', seed: 1 })
    expect(sending.sequence(0)).toMatchObject({ op: 'page', path: '/page' })
  })

  test('the rows of a linked profile lie beside the link, else beside the file that it leads to', async () => {
    const text = `export default { title: 'a', why: 'b', thresholds: {}, mixes: { all: { page: 1 } },
      data: { file: 'rows.csv', tables: { t: { table: 't', columns: ['id'], rows: 1 } } },
      requests: [{ id: 'page', title: 'page', method: 'GET', path: () => '/page', status: 200 }] }`
    const [real, links] = [join(folder, 'real'), join(folder, 'links')]
    await Promise.all([real, links].map((each) => mkdir(each)))
    await writeFile(join(real, 'p.ts'), text)
    await writeFile(join(real, 'rows.csv'), 'id\n1\n')
    await symlink(join(real, 'p.ts'), join(links, 'p.ts'))
    expect((await loadProfile(join(links, 'p.ts'))).dataPath).toBe(join(real, 'rows.csv'))
    await writeFile(join(links, 'rows.csv'), 'id\n2\n')
    expect((await loadProfile(join(links, 'p.ts'))).dataPath).toBe(join(links, 'rows.csv'))
  })

  test('profiles are no scenarios', async () => {
    expect((await listScenarios()).filter(({ id }) => id.startsWith('load'))).toEqual([])
  })

  test('an unknown id gives the nearest; a file without a default export says how to write it', async () => {
    expect(await loadProfile('promts-api').catch(refusal)).toContain('did you mean load/prompts-api?')
    expect(await loadProfile('./gone.ts').catch(refusal)).toContain('./gone.ts: no such file')
    const path = join(folder, 'named.ts')
    await writeFile(path, 'export const profile = {}\n')
    expect(await loadProfile(path).catch(refusal)).toContain(
      '…/named.ts: has no default export; write: export default { … } satisfies LoadProfile',
    )
  })

  test('rows to read and rows to delete have nothing in common', async () => {
    const { dataPath, profile } = await loadProfile('prompts-api')
    const data = await readLoadData(dataPath, profile, '')
    const ids = (name: string): readonly unknown[] =>
      (data[name] ?? []).map((row) => row['id'] ?? row['parent_id'] ?? row['prompt_id'])
    const deleted = new Set(ids('disposable'))
    expect(deleted.size).toBe(150)
    for (const name of ['prompts', 'versioned', 'evaluated']) {
      expect(
        ids(name).filter((id) => id === undefined || deleted.has(id)),
        name,
      ).toEqual([])
    }
  })

  test('what senders get is the sequence of the plan, in its shares', async () => {
    const { path, dataPath } = await loadProfile('prompts-api')
    const plan = { profilePath: path, dataPath, mix: 'review', seed: 1 }
    const { sequence, thinkMsAt } = await loadProfileForSending(plan)
    const again = await loadProfileForSending(plan)
    const other = await loadProfileForSending({ ...plan, seed: 2 })
    const texts = (from: (index: number) => unknown) =>
      Array.from({ length: 1000 }, (_, index) => JSON.stringify(from(index)))
    expect(texts(sequence)).toEqual(texts(again.sequence))
    expect(texts(sequence)).not.toEqual(texts(other.sequence))
    const writes = Array.from({ length: 10_000 }, (_, index) => sequence(index).op).filter(
      (op) => op === 'create',
    )
    // Five standard deviations around a quarter.
    expect(Math.abs(writes.length - 2500)).toBeLessThan(217)
    const pauses = Array.from({ length: 1000 }, (_, index) => thinkMsAt(index))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(500)
  })
})
