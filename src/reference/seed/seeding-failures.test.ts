import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildOnce } from '../../../fixtures/cli/forgebench.ts'
import { TargetError, UsageError } from '../../core/errors.ts'
import { recordMigration } from '../../schema/migration-record.ts'
import { readMigrations } from '../../schema/migration.ts'
import { NativeConnection } from '../../target/native.ts'
import { readImmutable } from './file/immutable-file.ts'
import { seedDatabase, type SeedOptions } from './seed-database.ts'
import { readSeedRecord } from './seed-record.ts'
import { migrationsFolder } from '../migrations-folder.ts'

let root = ''
let folder = ''
let finished = ''

const small = { scale: 0.02, seed: 3, ids: 'v4' } as const
const names = async (): Promise<readonly string[]> => (await readdir(folder)).toSorted()
const seedAt = (path: string, more: Partial<SeedOptions> = {}): ReturnType<typeof seedDatabase> =>
  seedDatabase({ path, ...small, ...more })

/** Arguments that run the built forgebench in a process of its own. */
const forgebench = [fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))]

beforeAll(async () => {
  await buildOnce()
  root = await mkdtemp(join(tmpdir(), 'forgebench-failures-'))
  finished = join(root, 'finished.db')
  await seedAt(finished)
})

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'test-'))
})

afterAll(async () => rm(root, { recursive: true, force: true }))

function script(path: string, sql: string): void {
  const connection = new NativeConnection(path)
  connection.scriptSync(sql)
  connection.close()
}

describe('seeding refuses, in one line, and leaves all files as they were', () => {
  const refused = async (path: string, code: string, more: Partial<SeedOptions> = {}): Promise<void> => {
    const before = await names()
    const error = await seedAt(path, more).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(error).toMatchObject({ code })
    expect(error instanceof UsageError || error instanceof TargetError).toBe(true)
    expect((error as Error).message).not.toContain('\n')
    expect(await names()).toEqual(before)
  }

  test('a folder', async () => refused(folder, 'TARGET_IS_DIRECTORY'))

  test('a folder that is not there', async () => refused(join(folder, 'no', 'a.db'), 'TARGET_NOT_FOUND'))

  test('a scale or a seed out of range', async () => {
    await refused(join(folder, 'a.db'), 'SEED_SCALE', { scale: 101 })
    for (const seed of [-1, 1.5, 2 ** 32, Number.NaN])
      await refused(join(folder, 'a.db'), 'SEED_NUMBER', { seed })
  })

  test('a file that is no database', async () => {
    const path = join(folder, 'a.db')
    await writeFile(path, 'a text that is longer than the header of a database file would be')
    await refused(path, 'TARGET_NOT_A_DATABASE')
    expect(await readFile(path, 'utf8')).toContain('a text')
  })

  test('a database of another schema, even with --replace', async () => {
    const path = join(folder, 'a.db')
    script(path, 'CREATE TABLE customers (id INTEGER)')
    const before = await readFile(path)
    await refused(path, 'SEED_OTHER_SCHEMA')
    await refused(path, 'SEED_OTHER_SCHEMA', { replace: true })
    expect((await readFile(path)).equals(before)).toBe(true)
  })

  test('a database that has rows, unless it may be replaced', async () => {
    const path = join(folder, 'a.db')
    await cp(finished, path)
    await refused(path, 'SEED_HAS_ROWS')
    const { digest } = await seedAt(path, { replace: true, seed: 4 })
    expect((await readSeedRecord(path))?.digest).toEqual(digest)
    expect(await names()).toEqual(['a.db'])
  })

  test('a database that somebody is writing', async () => {
    const path = join(folder, 'a.db')
    await cp(finished, path)
    const writer = new NativeConnection(path)
    writer.scriptSync('BEGIN IMMEDIATE')
    await refused(path, 'TARGET_BUSY', { replace: true }).finally(() => {
      writer.scriptSync('ROLLBACK')
      writer.close()
    })
  })

  test('a read-only file and a read-only folder', async () => {
    // Root may write anywhere, so that root's tests run the command as nobody.
    const owner = process.getuid?.() === 0 ? 65_534 : undefined
    const refusedTo = (path: string): void => {
      const identity = owner === undefined ? {} : { uid: owner, gid: owner }
      const args = [...forgebench, 'seed', '--db', path, '--scale', '0.02', '--replace']
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...identity })
      expect(stderr.trim()).toMatch(/^forgebench: no permission to write [^\n]+$/m)
      expect(status).toBe(2)
    }
    await chmod(root, 0o755)
    await chmod(folder, 0o777)
    await cp(finished, join(folder, 'a.db'))
    await chmod(join(folder, 'a.db'), 0o444)
    refusedTo(join(folder, 'a.db'))
    await chmod(folder, 0o555)
    refusedTo(join(folder, 'b.db'))
    await chmod(folder, 0o755)
    expect(await names()).toEqual(['a.db'])
  })
})

const canLimitFiles = spawnSync('prlimit', ['--version']).status === 0

describe('a full disk', () => {
  for (const kilobytes of [2000, 3600]) {
    test.skipIf(!canLimitFiles)(`at ${kilobytes} kB leaves nothing (skipped without prlimit)`, () => {
      const path = join(folder, 'a.db')
      const args = [
        `--fsize=${kilobytes * 1000}`,
        process.execPath,
        ...forgebench,
        'seed',
        '--db',
        path,
        '--scale',
        '0.02',
      ]
      const { status, stderr } = spawnSync('prlimit', args, { encoding: 'utf8' })
      // A slow machine has shown progress before.
      expect(stderr.trim()).toMatch(/^forgebench: .*a\.db: [^\n]+$/m)
      expect(status).toBe(5)
      expect(spawnSync('ls', [folder], { encoding: 'utf8' }).stdout).toBe('')
    })
  }

  const mounts = process.getuid?.() === 0 && canMount()
  test.skipIf(!mounts)(
    'of a tmpfs keeps the old database whole (skipped where tmpfs cannot be mounted)',
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder])
      try {
        const path = join(folder, 'a.db')
        await cp(finished, path)
        await expect(seedAt(path, { replace: true, seed: 9 })).rejects.toMatchObject({
          code: 'TARGET_DISK_FULL',
        })
        expect(await names()).toEqual(['a.db'])
        expect((await readFile(path)).equals(await readFile(finished))).toBe(true)
      } finally {
        execFileSync('umount', [folder])
      }
    },
  )
})

function canMount(): boolean {
  const probe = `d=$(mktemp -d) && mount -t tmpfs tmpfs "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s`
  return spawnSync('sh', ['-c', probe]).status === 0
}

test('an existing database without rows keeps its migrations, in their order', async () => {
  const path = join(folder, 'a.db')
  const [initial, ...others] = await readMigrations(migrationsFolder)
  const index = others.find(({ id }) => id.includes('index') || id.includes('composite')) ?? others[0]!
  const connection = new NativeConnection(path)
  for (const migration of [initial!, index]) {
    for (const { text } of migration.up.statements) connection.scriptSync(text)
    await recordMigration(connection, migration)
  }
  connection.close()
  await seedAt(path)
  const applied = readImmutable(path, (opened) =>
    opened.querySync('SELECT id, checksum FROM forgebench_migrations ORDER BY position'),
  ).rows
  expect(applied).toEqual([initial!, index].map(({ id, checksum }) => [id, checksum]))
  expect(readImmutable(path, (opened) => opened.querySync('PRAGMA integrity_check')).rows).toEqual([['ok']])
})

test('an abort at any moment rejects as interrupted and leaves the old database and nothing else', async () => {
  for (const step of ['rows', 'keys of test_results', 'idx_test_results_score']) {
    const path = join(folder, 'a.db')
    await cp(finished, path)
    const abort = new AbortController()
    const onProgress = (_done: number, _total: number, now: string): void => {
      if (now === step) abort.abort()
    }
    const seeding = seedAt(path, { replace: true, signal: abort.signal, onProgress })
    await expect(seeding).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(await names()).toEqual(['a.db'])
    expect((await readFile(path)).equals(await readFile(finished))).toBe(true)
  }
})

test('SIGTERM ends the command with 130 and removes what it built', async () => {
  const path = join(folder, 'a.db')
  const child = spawn(process.execPath, [...forgebench, 'seed', '--db', path, '--scale', '1'], {
    stdio: 'ignore',
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  while ((await names()).length === 0) await setTimeout(10)
  child.kill('SIGTERM')
  expect(await ended).toBe(130)
  expect(await names()).toEqual([])
})

test('a seed that is killed, at any of 20 moments, never leaves a database that passes for finished', async () => {
  const killOne = async (number: number): Promise<'killed' | 'finished'> => {
    const path = join(folder, `${number}.db`)
    const args = [...forgebench, 'seed', '--db', path, '--scale', '0.05', '--seed', '5']
    const child = spawn(process.execPath, args, { stdio: 'ignore' })
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.once('exit', (_code, signal) => resolve(signal))
    })
    const built = async (): Promise<boolean> =>
      (await names()).some((name) => name.startsWith(`${number}.db`))
    while (!(await built()) && child.exitCode === null) await setTimeout(5)
    await setTimeout(Math.random() * 600)
    child.kill('SIGKILL')
    const killed = (await ended) === 'SIGKILL'
    const there = (await names()).filter((name) => name.startsWith(`${number}.db`))
    if (there.includes(`${number}.db`)) {
      // Killed after the rename, or not at all: then the database must be whole.
      expect(await readSeedRecord(path)).toBeDefined()
      expect(readImmutable(path, (opened) => opened.querySync('PRAGMA integrity_check')).rows).toEqual([
        ['ok'],
      ])
      return killed ? 'killed' : 'finished'
    }
    expect(killed).toBe(true)
    expect(await readSeedRecord(path)).toBeUndefined()
    for (const name of there) expect(name).toMatch(/^\d+\.db\.seeding-\d+-\d+(-journal)?$/)
    return 'killed'
  }
  let killed = 0
  for (let number = 0; number < 20; number += 4) {
    const group = await Promise.all([0, 1, 2, 3].map(async (next) => killOne(number + next)))
    killed += group.filter((end) => end === 'killed').length
  }
  expect(killed).toBeGreaterThan(5)
  const abandoned = (await names()).find((name) => name.includes('.seeding-'))
  if (abandoned !== undefined) {
    await seedAt(join(folder, abandoned.slice(0, abandoned.indexOf('.seeding-'))))
    expect(await names()).not.toContain(abandoned)
  }
})

test('the record of a truncated, emptied or foreign file is not accepted', async () => {
  const path = join(folder, 'a.db')
  expect(await readSeedRecord(path)).toBeUndefined()
  await cp(finished, path)
  expect(await readSeedRecord(path)).toMatchObject(small)
  await truncate(path, (await stat(path)).size - 4096)
  expect(await readSeedRecord(path)).toBeUndefined()
  await truncate(path, 0)
  expect(await readSeedRecord(path)).toBeUndefined()
  await mkdir(join(folder, 'b.db'))
  expect(await readSeedRecord(join(folder, 'b.db'))).toBeUndefined()
  script(path, 'CREATE TABLE customers (id INTEGER)')
  expect(await readSeedRecord(path)).toBeUndefined()
})
