import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InterruptedError } from '../core/errors.ts'
import { referenceDataset } from '../reference/dataset.ts'
import { readSeedRecord } from '../reference/seed/seed-record.ts'
import type { DataOrder } from './fill-database.ts'
import { filledDatabase, type FilledDatabaseOptions } from './filled-database.ts'

let folder = ''
const plan = { scale: 0.01, seed: 1, ids: 'v4' } as const

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-cache-'))
})

const seededDatabase = async (order: DataOrder, options: FilledDatabaseOptions): Promise<string> =>
  (await filledDatabase(referenceDataset, order, options)).path

afterEach(async () => rm(folder, { recursive: true, force: true }))

test('a database is made once and then taken from the cache', async () => {
  const path = await seededDatabase(plan, { folder })
  const { ino } = await stat(path)
  expect(await seededDatabase(plan, { folder })).toBe(path)
  expect((await stat(path)).ino).toBe(ino)
  expect(await readSeedRecord(path)).toMatchObject(plan)
})

test('a command that fills a database ends with all that it started', async () => {
  const started = join(folder, 'started')
  const stop = new AbortController()
  const filling = filledDatabase(
    {
      name: 'slow',
      fill: {
        kind: 'command',
        version: 1,
        command: 'sh',
        args: ['-c', `sleep 600 & echo $! > ${started}; wait`],
      },
    },
    plan,
    { folder, signal: stop.signal },
  )
  const refused = expect(filling).rejects.toBeInstanceOf(InterruptedError)
  const pid = await vi.waitFor(
    async () => Number((await readFile(started, 'utf8')).trim() || 'none yet'),
    60_000,
  )
  stop.abort()
  await refused
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 60_000)
})

test('another seed, scale or kind of id is another database', async () => {
  const paths = await Promise.all(
    [plan, { ...plan, seed: 2 }, { ...plan, scale: 0.02 }, { ...plan, ids: 'v7' as const }].map(
      async (plan) => seededDatabase(plan, { folder }),
    ),
  )
  expect(new Set(paths).size).toBe(4)
})

test('a truncated or foreign file under the name of a database is replaced', async () => {
  const path = await seededDatabase(plan, { folder })
  const good = await readFile(path)
  await truncate(path, 8192)
  await seededDatabase(plan, { folder })
  expect((await readFile(path)).equals(good)).toBe(true)
  await writeFile(path, 'no database')
  await seededDatabase(plan, { folder })
  expect((await readFile(path)).equals(good)).toBe(true)
  await writeFile(path, await readFile(await seededDatabase({ ...plan, seed: 2 }, { folder })))
  await seededDatabase(plan, { folder })
  expect((await readFile(path)).equals(good)).toBe(true)
})

test('a database with a flipped byte in its rows is made anew', async () => {
  const path = await seededDatabase(plan, { folder })
  const good = await readFile(path)
  const bad = Buffer.from(good)
  bad[bad.length - 3000]! ^= 0xff
  await writeFile(path, bad)
  await seededDatabase(plan, { folder })
  expect((await readFile(path)).equals(good)).toBe(true)
})

test('one whose time of change is kept is found by --verify-cache alone', async () => {
  const path = await seededDatabase(plan, { folder })
  const good = await readFile(path)
  // Sealed with a time that can be given back exactly.
  const sealPath = join(dirname(path), 'seal.json')
  const seal = JSON.parse(await readFile(sealPath, 'utf8')) as object
  await writeFile(sealPath, JSON.stringify({ ...seal, mtimeMs: 2_000_000 }))
  const bad = Buffer.from(good)
  // Between the pages that are looked at each time.
  bad[5 * 4096 + 99]! ^= 0xff
  await writeFile(path, bad)
  await utimes(path, 2000, 2000)
  await seededDatabase(plan, { folder })
  expect((await readFile(path)).equals(bad)).toBe(true)
  vi.stubEnv('FORGEBENCH_VERIFY_CACHE', '1')
  await seededDatabase(plan, { folder })
  vi.unstubAllEnvs()
  expect((await readFile(path)).equals(good)).toBe(true)
})

test('one whose digest was changed in the cache is made anew', async () => {
  const { path, digest } = await filledDatabase(referenceDataset, plan, { folder })
  const facts = join(dirname(path), 'facts.json')
  const text = await readFile(facts, 'utf8')
  await writeFile(facts, text.replace(digest, digest.replaceAll('a', 'b')))
  expect((await filledDatabase(referenceDataset, plan, { folder })).digest).toBe(digest)
})

test('callers at once, in this process and in others, all get the same complete database', async () => {
  const imported = (path: string): string => JSON.stringify(new URL(path, import.meta.url).pathname)
  const code = `import { filledDatabase } from ${imported('./filled-database.ts')}
import { referenceDataset } from ${imported('../reference/dataset.ts')}
const { path } = await filledDatabase(referenceDataset, ${JSON.stringify(plan)}, { folder: ${JSON.stringify(folder)} })
process.stdout.write(path)`
  const entry = join(folder, 'entry.mts')
  await writeFile(entry, code)
  const other = async (): Promise<string> => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('jiti/register'), entry])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await new Promise((resolve) => child.once('close', resolve))
    return output
  }
  const here = async (): Promise<string> => seededDatabase(plan, { folder })
  const paths = await Promise.all([other(), other(), here(), here()])
  expect(new Set(paths).size).toBe(1)
  expect(await readSeedRecord(paths[0]!)).toMatchObject(plan)
  expect((await readdir(join(folder, 'data'))).filter((name) => name.includes('building'))).toEqual([])
})

test('the least recently used databases go when the limit is passed, never the one asked for', async () => {
  const old = await seededDatabase(plan, { folder })
  await utimes(dirname(old), 1000, 1000)
  const recent = await seededDatabase({ ...plan, seed: 2 }, { folder })
  const limitBytes = (await stat(old)).size * 2.5
  const wanted = await seededDatabase({ ...plan, seed: 3 }, { folder, limitBytes })
  const left = await readdir(join(folder, 'data'))
  expect(new Set(left)).toEqual(new Set([recent, wanted].map((path) => basename(dirname(path)))))
  await seededDatabase(plan, { folder, limitBytes: 1 })
  expect(await readdir(join(folder, 'data'))).toEqual([basename(dirname(old))])
})
