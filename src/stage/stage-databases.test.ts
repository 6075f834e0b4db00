import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InterruptedError } from '../core/errors.ts'
import { asFileError } from '../target/file-error.ts'
import { NativeConnection } from '../target/native.ts'
import { stageDatabases } from './stage-databases.ts'
import { stageKey, type StageGround, type StagePlan } from './stage-plan.ts'
import type { Stage } from './stage.ts'
import { referenceDataset } from '../reference/dataset.ts'

const cache = mkdtempSync(join(tmpdir(), 'forgebench-stages-'))
const data = { scale: 0.01, seed: 1, ids: 'v4' } as const
const plan = (migrations: readonly string[], statistics: 'none' | 'analyzed' = 'analyzed'): StagePlan => ({
  dataset: referenceDataset,
  data,
  migrations,
  statistics,
})
const plans = [plan([]), plan([], 'none'), plan(['composite-indexes']), plan([])]

beforeAll(() => {
  process.env['FORGEBENCH_CACHE'] = cache
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  rmSync(cache, { recursive: true, force: true })
})

const never = new AbortController().signal

async function stage(
  wanted: readonly StagePlan[],
  signal = never,
): Promise<{
  readonly stages: readonly Stage[]
  readonly seeded: boolean
  readonly progress: readonly string[]
}> {
  const progress: string[] = []
  let seeded = false
  const stageOf = await stageDatabases(wanted, {
    signal,
    onSeeding: () => {
      seeded = true
    },
    onStaged: (done, total) => void progress.push(`${done}/${total}`),
  })
  return { stages: wanted.map(stageOf), seeded, progress }
}
const query = (path: string, sql: string): unknown => {
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    return connection.querySync(sql).rows.map(([value]) => value)
  } finally {
    connection.close()
  }
}
const inode = ({ path }: Stage): number => statSync(path).ino
const names = (): readonly string[] => readdirSync(join(cache, 'stages')).toSorted()

describe('staging', () => {
  let first: readonly Stage[]
  /** Names in the folder of each, before anybody has read one: a reader of SQLite leaves files of its own. */
  let files: readonly (readonly string[])[]
  beforeAll(async () => {
    const { stages, seeded, progress } = await stage(plans)
    first = stages
    files = stages.map(({ path }) => readdirSync(dirname(path)).toSorted())
    expect(seeded).toBe(true)
    expect(progress).toEqual(['1/3', '2/3', '3/3'])
  })

  test('makes one database for equal plans, in the order of the plans', () => {
    expect(first.map((each) => each.plan)).toEqual(plans)
    expect(first[3]?.path).toBe(first[0]?.path)
    expect(new Set(first.map(({ path }) => path)).size).toBe(3)
    expect(names()).toHaveLength(3)
  })

  test('leaves a database, its facts and its seal, and no empty log', () => {
    for (const names of files) expect(names).toEqual(['database.db', 'facts.json', 'seal.json'])
  })

  test('applies the migrations and gathers statistics where the plan says so', () => {
    const [analyzed, bare, composite] = first.map(({ path }) => path)
    const hasIndex = "SELECT name FROM sqlite_schema WHERE name = 'idx_prompts_user_status_created'"
    const hasStatistics = "SELECT name FROM sqlite_schema WHERE name = 'sqlite_stat1'"
    expect(query(composite ?? '', hasIndex)).toHaveLength(1)
    expect(query(analyzed ?? '', hasIndex)).toEqual([])
    expect(query(analyzed ?? '', hasStatistics)).toHaveLength(1)
    expect(query(bare ?? '', hasStatistics)).toEqual([])
  })

  test('writes down what a stage holds', () => {
    for (const { path, fileBytes, objects, indexes, pragmas, dataDigest } of first) {
      expect(fileBytes).toBe(statSync(path).size)
      expect(objects.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(fileBytes)
      expect(indexes.map(({ name }) => name)).toContain('idx_prompts_user_id')
      expect(pragmas).toMatchObject({ journal_mode: 'wal', page_size: 4096 })
      expect(dataDigest).toBe(first[0]?.dataDigest)
    }
  })

  test('leaves no free pages, whatever the migrations did', () => {
    for (const { path } of first) expect(query(path, 'PRAGMA freelist_count')).toEqual([0])
  })

  test('takes everything from the cache the second time', async () => {
    const { stages, seeded } = await stage(plans)
    expect(stages).toEqual(first)
    expect(stages.map(inode)).toEqual(first.map(inode))
    expect(seeded).toBe(false)
  })

  test.each([
    ['gone', (facts: string) => rmSync(facts)],
    ['cut off in the middle', (facts: string) => truncateSync(facts, 20)],
  ])('makes a stage anew when its facts.json is %s', async (_, harm) => {
    const [, , composite] = first
    if (composite === undefined) throw new Error('no stage')
    harm(join(dirname(composite.path), 'facts.json'))
    writeFileSync(composite.path, 'half of a database')
    const { stages } = await stage(plans)
    expect(stages).toEqual(first)
    expect(query(composite.path, 'PRAGMA integrity_check')).toEqual(['ok'])
    expect(query(composite.path, 'SELECT count(*) FROM prompts')).toEqual([100])
    expect(names()).toHaveLength(3)
    const again = await stage(plans)
    expect(again.stages.map(inode)).toEqual(stages.map(inode))
  })

  test('makes a stage anew when bytes of its database were flipped', async () => {
    const [, bare] = first
    if (bare === undefined) throw new Error('no stage')
    const bytes = readFileSync(bare.path)
    writeFileSync(
      bare.path,
      bytes.map((byte, at) => (at > 8192 && at < 9000 ? byte ^ 0xff : byte)),
    )
    const { stages } = await stage(plans)
    expect(stages).toEqual(first)
    expect(query(bare.path, 'PRAGMA integrity_check')).toEqual(['ok'])
    expect(names()).toHaveLength(3)
  })

  test('that is interrupted leaves nothing half-made', async () => {
    const before = names()
    await expect(stage([plan(['covering-index'])], AbortSignal.abort())).rejects.toBeInstanceOf(
      InterruptedError,
    )
    expect(names()).toEqual(before)
  })

  test('knows no plan that it was not asked for', async () => {
    const stageOf = await stageDatabases(plans, {
      signal: never,
      onSeeding: () => undefined,
      onStaged: () => undefined,
    })
    expect(() => stageOf(plan(['covering-index']))).toThrow(RangeError)
  })

  test('refuses a migration that is not there', async () => {
    await expect(stage([plan(['composite-index'])])).rejects.toMatchObject({ exit: 2 })
  })
})

describe('the name of a stage', () => {
  const ground: StageGround = { dataDigest: 'd', checksums: ['a', 'b'], engineVersion: '0.5' }
  test('changes with everything that the database is made of', () => {
    const keys = [
      stageKey(plan([]), ground),
      stageKey(plan([], 'none'), ground),
      stageKey(plan(['a']), ground),
      stageKey({ ...plan([]), data: { ...data, ids: 'v7' } }, ground),
      stageKey(plan([]), { ...ground, dataDigest: 'e' }),
      stageKey(plan([]), { ...ground, checksums: ['b', 'a'] }),
      stageKey(plan([]), { ...ground, engineVersion: '0.6' }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    expect(stageKey(plan([]), { ...ground })).toBe(keys[0])
  })
})

test.each([
  ['ENOSPC', 'TARGET_DISK_FULL'],
  ['EDQUOT', 'TARGET_DISK_FULL'],
  ['EACCES', 'TARGET_READ_ONLY'],
  ['EROFS', 'TARGET_READ_ONLY'],
])('a disk that says %s becomes %s, in one line that names the file', (code, ours) => {
  const error = asFileError(Object.assign(new Error(code), { code, syscall: 'write' }), '/cache/a.db')
  expect(error).toMatchObject({
    code: ours,
    exit: 5,
    message: expect.stringMatching(/^\/cache\/a\.db: [^\n]+$/),
  })
  const other = new RangeError('a bug')
  expect(asFileError(other, '/cache/a.db')).toBe(other)
})
