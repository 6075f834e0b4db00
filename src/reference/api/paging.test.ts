import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { injectedApi, type InjectedApi } from '../../../fixtures/servers/reference-api.ts'
import { seededCopy, type SeededCopy } from '../../../fixtures/servers/seeded-copy.ts'
import type { SqlValue } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import { cursorOf, placeOf } from './cursor.ts'

let copy: SeededCopy
let api: InjectedApi
let database: NativeConnection

beforeAll(async () => {
  copy = await seededCopy()
  database = new NativeConnection(copy.path, { busyTimeoutMs: 1000 })
  // A third of all prompts in three moments, so that pages begin and end among equals.
  database.scriptSync(`UPDATE prompts SET created_at = '2025-09-0' || (1 + rowid % 3) || ' 10:00:00' WHERE rowid % 3 = 0;
UPDATE prompts SET tags = '[{"created_at":"x","id":"y"}]' WHERE rowid % 7 = 0;
UPDATE prompts SET tags = 'no JSON' WHERE rowid % 7 = 1`)
  api = await injectedApi({ kind: 'file', path: copy.path })
})
afterAll(async () => {
  await api.close()
  database.close()
  copy.remove()
})

interface Page {
  readonly items: readonly { readonly id: string; readonly created_at: string }[]
  readonly next_cursor: string | null
}

/** Ids of all pages, in order; `between` runs after each page. */
async function walk(
  path: string,
  limit: number,
  between = async (): Promise<void> => undefined,
): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const query: string = `limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`
    const answer = await api.send('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`)
    expect(answer.statusCode).toBe(200)
    const page = answer.json<Page>()
    expect(page.items.length).toBeLessThanOrEqual(limit)
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.next_cursor
    await between()
  } while (cursor !== null)
  return ids
}

const expected = (sql: string, ...args: readonly SqlValue[]): readonly unknown[] =>
  database.querySync(`${sql} ORDER BY created_at DESC, rowid DESC`, args).rows.map(([id]) => id)

const live = 'SELECT id FROM prompts WHERE deleted_at IS NULL'
const users = (): readonly string[] =>
  database.querySync('SELECT DISTINCT user_id FROM prompts').rows.map(([user]) => String(user))

describe('pages', () => {
  it('visit every prompt that is not deleted once, newest first, whatever their size and filter', async () => {
    const filter = fc.record({
      user: fc.option(fc.constantFrom(...users()), { nil: undefined }),
      status: fc.option(fc.constantFrom('draft', 'active', 'archived'), { nil: undefined }),
      limit: fc.integer({ min: 1, max: 100 }),
    })
    await fc.assert(
      fc.asyncProperty(filter, async ({ user, status, limit }) => {
        const query = [user && `user_id=${user}`, status && `status=${status}`].filter(Boolean).join('&')
        const conditions = [user && ' AND user_id = ?', status && ' AND status = ?'].filter(Boolean).join('')
        const args = [user, status].filter((value) => value !== undefined)
        expect(await walk(`/api/v1/prompts?${query}`, limit)).toEqual(expected(live + conditions, ...args))
      }),
      { numRuns: 40 },
    )
  })

  it('visit every evaluation of a prompt once', async () => {
    const [prompt] = database.querySync(
      `SELECT prompt_id FROM evaluations JOIN prompts ON prompts.id = prompt_id WHERE deleted_at IS NULL GROUP BY prompt_id ORDER BY count(*) DESC LIMIT 1`,
    ).rows[0] ?? [null]
    database.executeSync(
      `UPDATE evaluations SET created_at = '2025-09-01 10:00:00' WHERE prompt_id = ? AND rowid % 2`,
      [prompt ?? null],
    )
    const all = expected('SELECT id FROM evaluations WHERE prompt_id = ?', prompt ?? null)
    expect(all.length).toBeGreaterThan(3)
    for (const limit of [1, 2, 3, 100]) {
      expect(await walk(`/api/v1/prompts/${String(prompt)}/evaluations`, limit)).toEqual(all)
    }
  })

  it('visit every version of a long chain once', async () => {
    const [deepest] =
      database.querySync('SELECT id FROM prompts WHERE deleted_at IS NULL ORDER BY version DESC LIMIT 1')
        .rows[0] ?? []
    const ids = await walk(`/api/v1/prompts/${String(deepest)}/versions`, 7)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(30)
    expect(ids).toContain(deepest)
  })

  it('are not disturbed by prompts that are created meanwhile, nor by the deletion of the last one seen', async () => {
    const before = expected(live)
    let pages = 0
    const seen = await walk('/api/v1/prompts', 9, async () => {
      pages += 1
      await api.send('POST', '/api/v1/prompts', { title: 'new', content: 'new', user_id: 'new' })
      if (pages === 2) await api.send('DELETE', `/api/v1/prompts/${String(before[17])}`)
    })
    expect(seen).toEqual(before)
  })

  it('begin after a row that is gone from the database at the moment it had', async () => {
    const cursor = cursorOf({ createdAt: '2025-09-02 10:00:00', id: 'never was' })
    const answer = await api.send('GET', `/api/v1/prompts?limit=100&cursor=${cursor}`)
    const { items } = answer.json<Page>()
    expect(items.length).toBeGreaterThan(0)
    for (const item of items) expect(item.created_at < '2025-09-02T10:00:00Z').toBe(true)
  })

  it('show tags that are no JSON as null', async () => {
    const id = database.querySync(`${live} AND tags = 'no JSON' LIMIT 1`).rows[0]?.[0]
    expect((await api.send('GET', `/api/v1/prompts/${String(id)}`)).json()).toMatchObject({ tags: null })
  })
})

describe('a cursor', () => {
  it('gives back the place it was made of, and refuses everything else', () => {
    const text = fc
      .string({ minLength: 1, unit: 'binary' })
      .filter((value) => !value.includes('\n') && !/\p{Surrogate}/u.test(value))
    fc.assert(
      fc.property(text, text, (createdAt, id) => {
        expect(placeOf(cursorOf({ createdAt, id }))).toEqual({ createdAt, id })
      }),
    )
    fc.assert(
      fc.property(fc.string(), (cursor) => {
        try {
          expect(cursorOf(placeOf(cursor))).toBe(cursor)
        } catch (error) {
          expect(error).toMatchObject({ status: 400, code: 'INVALID_CURSOR' })
        }
      }),
    )
  })
})
