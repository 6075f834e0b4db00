import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { injectedApi, type InjectedApi } from '../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../fixtures/servers/seeded-copy.ts'
import { NativeConnection } from '../../target/native.ts'

let copy: SeededCopy
let api: InjectedApi

beforeEach(async () => {
  copy = await seededCopy()
  api = await injectedApi({ kind: 'file', path: copy.path })
})
afterEach(async () => {
  await api.close()
  copy.remove()
})

const prompt = { title: 'kept?', content: 'c' }

const replacements: readonly (readonly [string, (path: string) => void])[] = [
  ['deleted', (path) => rmSync(path)],
  ['moved away', (path) => renameSync(path, `${path}.old`)],
  [
    'replaced by another',
    (path) => {
      copyFileSync(path, `${path}.new`)
      renameSync(`${path}.new`, path)
    },
  ],
  ['deleted with its log', (path) => ['', '-wal', '-shm'].forEach((suffix) => rmSync(path + suffix))],
  ['left without its log', (path) => ['-wal', '-shm'].forEach((suffix) => rmSync(path + suffix))],
]

describe('a database file that is served and', () => {
  it.each(replacements)('%s: nothing is acknowledged any more, and 503 says why', async (_how, replace) => {
    expect((await api.send('POST', '/api/v1/prompts', prompt)).statusCode).toBe(201)
    replace(copy.path)
    const refusal = {
      error: { code: 'DATABASE_REPLACED', message: expect.stringContaining('started again') },
    }
    for (let times = 0; times < 3; times += 1) {
      const answer = await api.send('POST', '/api/v1/prompts', prompt)
      expect(answer.statusCode).toBe(503)
      expect(answer.json()).toMatchObject(refusal)
    }
    // Reads look at the file every tenth of a second: one or another may still see what was there.
    await vi.waitFor(async () => {
      const read = await api.send('GET', '/api/v1/prompts')
      expect({ status: read.statusCode, body: read.json() }).toMatchObject({ status: 503, body: refusal })
    })
  })

  it('checkpointed, vacuumed and written to by others: all stays as it was', async () => {
    const other = new NativeConnection(copy.path)
    for (const sql of ['VACUUM', 'PRAGMA wal_checkpoint(TRUNCATE)', "UPDATE prompts SET title = 'x'"]) {
      expect((await api.send('POST', '/api/v1/prompts', prompt)).statusCode).toBe(201)
      other.scriptSync(sql)
    }
    expect((await api.send('POST', '/api/v1/prompts', prompt)).statusCode).toBe(201)
    other.close()
    expect((await api.send('POST', '/api/v1/prompts', prompt)).statusCode).toBe(201)
  })
})
