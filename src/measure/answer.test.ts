import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomSequence, shuffled, type UuidBits, uuidV4, uuidV7 } from '../random/random.ts'
import type { Row, Rows, SqlValue } from '../target/connection.ts'
import { AnswerDigest, canonicalAnswer, canonicalValue } from './answer.ts'

const answer = (rows: readonly Row[], columns = ['id', 'at']): Rows => ({ columns, rows })
const set = { pageSize: 100 }
const page = (pageSize: number) => ({ pageSize, orderedBy: ['at'] })
const bytes = (uuid: string): Uint8Array => new Uint8Array(Buffer.from(uuid.replaceAll('-', ''), 'hex'))

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const bits = fc.tuple(word, word, word, word)
const encodings: readonly ((id: UuidBits) => SqlValue)[] = [
  (id) => uuidV4(id),
  (id) => uuidV4(id).toUpperCase(),
  (id) => uuidV7(1_700_000_000_000, id),
  (id) => bytes(uuidV4(id)),
  (id) => bytes(uuidV7(1_600_000_000_000, id)),
]

describe('one value', () => {
  test('is the same UUID as text and as bytes, of version 4 and 7', () => {
    fc.assert(
      fc.property(bits, (id) => {
        expect(new Set(encodings.map((encode) => canonicalValue(encode(id)))).size).toBe(1)
      }),
    )
  })

  test('forgives the last bits of a sum, and no more', () => {
    expect(canonicalValue(0.1 + 0.2)).toBe(canonicalValue(0.3))
    expect(canonicalValue(1.000001)).not.toBe(canonicalValue(1.000002))
    expect(canonicalValue(0)).toBe(canonicalValue(-0))
    const scores = Array.from({ length: 500 }, randomSequence(1))
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
    expect(canonicalValue(sum(scores))).toBe(canonicalValue(sum(scores.toSorted((a, b) => a - b))))
  })

  test('is the same number whether a driver gives a number or a bigint', () => {
    expect(canonicalValue(42n)).toBe(canonicalValue(42))
  })

  test('is exact for whole numbers of any size', () => {
    const near = [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n - 2n, 12_345_678_901, 12_345_678_902]
    expect(new Set(near.map(canonicalValue)).size).toBe(near.length)
    expect(canonicalValue(1_700_000_000_123)).toBe(canonicalValue(1_700_000_000_123n))
  })

  test('tells null, text, bytes and numbers that look alike apart', () => {
    const alike = [null, 'null', '', new Uint8Array(), 1, '1', new Uint8Array([1]), 'n1', 'b01']
    expect(new Set(alike.map(canonicalValue)).size).toBe(alike.length)
  })
})

const row = fc.tuple(bits, fc.integer({ min: 0, max: 3 }), fc.option(fc.string()))
const distinctRows = fc.uniqueArray(row, { selector: ([id]) => id.slice(2).join(), maxLength: 12 })

describe('the answer to an operation without an order', () => {
  test('is the same in any order of rows and any encoding of ids', () => {
    fc.assert(
      fc.property(distinctRows, fc.integer(), fc.nat(encodings.length - 1), (rows, key, chosen) => {
        const encode = encodings[chosen] as (id: UuidBits) => SqlValue
        const plain = rows.map(([id, at, text]): Row => [uuidV4(id), at, text])
        const other = rows.map(([id, at, text]): Row => [encode(id), at, text])
        const columns = ['id', 'at', 'text']
        expect(canonicalAnswer(answer(shuffled(other, randomSequence(key)), columns), set)).toBe(
          canonicalAnswer(answer(plain, columns), set),
        )
      }),
    )
  })

  test('differs by a row more, a row twice, and a value', () => {
    const given: readonly (readonly Row[])[] = [
      [],
      [['a', 1]],
      [
        ['a', 1],
        ['a', 1],
      ],
      [['a', 2]],
      [['b', 1]],
    ]
    expect(new Set(given.map((rows) => canonicalAnswer(answer(rows), set))).size).toBe(given.length)
  })
})

describe('the answer to an operation with an order', () => {
  test('may hold other rows where they tie with the last one of a full page', () => {
    const one: readonly Row[] = [['a', 9], ['b', 8], ['c', 7], ['d', 7]] // prettier-ignore
    const other: readonly Row[] = [['a', 9], ['b', 8], ['x', 7], ['c', 7]] // prettier-ignore
    expect(canonicalAnswer(answer(one), page(4))).toBe(canonicalAnswer(answer(other), page(4)))
  })

  test('may not when the page is not full: then nothing was cut off', () => {
    const one = answer([['a', 9], ['c', 7]]) // prettier-ignore
    const other = answer([['a', 9], ['x', 7]]) // prettier-ignore
    expect(canonicalAnswer(one, page(3))).not.toBe(canonicalAnswer(other, page(3)))
    expect(canonicalAnswer(one, page(2))).toBe(canonicalAnswer(other, page(2)))
  })

  test('may swap rows that tie, and none that do not', () => {
    const rows: readonly Row[] = [['a', 9], ['b', 9], ['c', 7]] // prettier-ignore
    const tied = answer([rows[1]!, rows[0]!, rows[2]!])
    const wrong = answer([rows[0]!, rows[2]!, rows[1]!])
    expect(canonicalAnswer(tied, page(20))).toBe(canonicalAnswer(answer(rows), page(20)))
    expect(canonicalAnswer(wrong, page(20))).not.toBe(canonicalAnswer(answer(rows), page(20)))
  })

  test('differs when a row above the last tie differs, or a key among the ties', () => {
    const full = answer([['a', 9], ['b', 7], ['c', 7]]) // prettier-ignore
    const above = answer([['x', 9], ['b', 7], ['c', 7]]) // prettier-ignore
    const key = answer([['a', 9], ['b', 8], ['c', 7]]) // prettier-ignore
    expect(canonicalAnswer(full, page(3))).not.toBe(canonicalAnswer(above, page(3)))
    expect(canonicalAnswer(full, page(3))).not.toBe(canonicalAnswer(key, page(3)))
  })

  test('needs the columns that it is ordered by', () => {
    expect(() => canonicalAnswer(answer([], ['id']), page(3))).toThrow(
      expect.objectContaining({
        code: 'ORDERED_BY',
        exit: 2,
        message: expect.stringMatching(
          /^orderedBy names "at", which is not among the columns returned \(id\)/,
        ),
      }),
    )
  })
})

test('a digest depends on every answer and on where it stood', () => {
  const digest = (...answers: readonly Rows[]): string => {
    const hash = new AnswerDigest()
    for (const each of answers) hash.add(each, set)
    return hash.hex()
  }
  const [a, b] = [answer([['a', 1]]), answer([['b', 1]])]
  expect(digest(a, b)).toBe(digest(a, b))
  expect(digest(a, b)).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set([digest(), digest(a), digest(a, b), digest(b, a), digest(a, b, answer([]))]).size).toBe(5)
})
