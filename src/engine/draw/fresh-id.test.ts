import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SqlValue } from '../../target/connection.ts'
import { freshId, idEncodingOf, type IdEncoding } from './fresh-id.ts'

const encodings: readonly IdEncoding[] = (['v4', 'v7'] as const).flatMap((version) =>
  (['text', 'blob'] as const).map((storage) => ({ version, storage })),
)
const hex = (id: SqlValue): string =>
  id instanceof Uint8Array ? Buffer.from(id).toString('hex') : String(id).replaceAll('-', '')
const key = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const index = fc.nat(1_000_000)

describe('a fresh id', () => {
  test('has the same last 64 bits in all four encodings', () => {
    fc.assert(
      fc.property(key, index, (key, index) => {
        const tails = encodings.map((encoding) => hex(freshId(encoding, key, index)).slice(-16))
        expect(new Set(tails).size).toBe(1)
      }),
    )
  })

  test('is read back as the encoding that it was made in', () => {
    fc.assert(
      fc.property(key, index, fc.constantFrom(...encodings), (key, index, encoding) => {
        const id = freshId(encoding, key, index)
        expect(idEncodingOf(id)).toEqual(encoding)
        expect(hex(id)).toMatch(/^[0-9a-f]{12}[47][0-9a-f]{3}[89ab][0-9a-f]{15}$/)
      }),
    )
  })

  test('of version 7 sorts behind the one before it', () => {
    fc.assert(
      fc.property(key, index, (key, index) => {
        const [before, after] = [index, index + 1].map((at) =>
          hex(freshId({ version: 'v7', storage: 'text' }, key, at)),
        )
        expect((before ?? '') < (after ?? '')).toBe(true)
      }),
    )
  })

  test('is another for every index and every stream', () => {
    const ids = [1, 2].flatMap((key) =>
      Array.from({ length: 2000 }, (_, i) => hex(freshId({ version: 'v4', storage: 'text' }, key, i))),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test('a UUID of another version than 7 counts as version 4, and what is no UUID has no encoding', () => {
  expect(idEncodingOf('00000000-0000-1000-8000-000000000000')).toEqual({ version: 'v4', storage: 'text' })
  expect(idEncodingOf(new Uint8Array(16))).toEqual({ version: 'v4', storage: 'blob' })
  for (const id of [null, 7, 7n, '', 'no-uuid-7', new Uint8Array(3)]) expect(idEncodingOf(id)).toBeUndefined()
})
