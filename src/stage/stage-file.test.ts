import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InterruptedError } from '../core/errors.ts'
import { NativeConnection } from '../target/native.ts'
import { copyDatabase } from './copy-database.ts'
import { stageFile } from './stage-file.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-files-'))
const signal = new AbortController().signal
const theirs = join(root, 'theirs')
const path = join(theirs, 'ours.db')
let writer: NativeConnection | undefined

/** Names, sizes, times and bytes of everything beside the database. */
const state = (): readonly string[] =>
  readdirSync(theirs).map((name) => {
    const { size, mtimeNs } = statSync(join(theirs, name), { bigint: true })
    return `${name} ${size} ${mtimeNs} ${readFileSync(join(theirs, name)).toString('base64')}`
  })

beforeAll(() => {
  mkdirSync(theirs)
  writer = new NativeConnection(path, { pragmas: ['PRAGMA journal_mode = WAL'] })
  writer.scriptSync('CREATE TABLE t (a); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1), (2); ANALYZE')
})
afterAll(() => {
  writer?.close()
  rmSync(root, { recursive: true, force: true })
})

describe('a database of somebody', () => {
  test('is copied with what its log holds, and nothing of it is touched', async () => {
    const before = state()
    expect(before.map((line) => line.split(' ')[0])).toContain('ours.db-wal')
    const stage = await stageFile(path, join(root, 'one'), signal)
    expect(state()).toEqual(before)
    expect(stage).toMatchObject({ statistics: 'analyzed', migrations: [], indexes: [{ name: 'i' }] })
    expect(stage.fileDigest).toMatch(/^[0-9a-f]{64}$/)
    const copy = new NativeConnection(stage.path, { readOnly: true })
    expect(copy.querySync('SELECT count(*) FROM t').rows).toEqual([[2]])
    copy.close()
  })

  test('that is damaged is told as that', async () => {
    const damaged = join(root, 'damaged.db')
    const bytes = readFileSync(join(root, 'one', 'database.db'))
    writeFileSync(damaged, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xab)]))
    await expect(stageFile(damaged, join(root, 'two'), signal)).rejects.toMatchObject({ exit: 5 })
  })

  test('that never keeps still is not copied', async () => {
    const busy = join(root, 'busy.db')
    copyFileSync(join(root, 'one', 'database.db'), busy)
    let writing = true
    const write = (): void => {
      appendFileSync(`${busy}-wal`, 'x')
      if (writing) setImmediate(write)
    }
    write()
    try {
      await expect(copyDatabase(busy, join(root, 'three.db'))).rejects.toEqual(
        expect.objectContaining({ code: 'TARGET_BUSY', exit: 5 }),
      )
    } finally {
      writing = false
    }
  })

  test('is left alone when somebody interrupts', async () => {
    await expect(stageFile(path, join(root, 'four'), AbortSignal.abort())).rejects.toBeInstanceOf(
      InterruptedError,
    )
  })
})
