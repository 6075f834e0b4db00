import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LoadProfile } from './load-profile.ts'
import { rowsOf } from './rows.ts'

const profileOf = (...tables: readonly string[]): LoadProfile => ({
  title: 'a',
  why: 'a test',
  data: {
    file: 'rows.csv',
    tables: Object.fromEntries(tables.map((name) => [name, { table: name, columns: ['a'], rows: 1 }])),
  },
  requests: [],
  mixes: {},
  thresholds: {},
})

const field = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', '{', 'ä', ';') })
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

test('CSV is read as a parser of others reads it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(field, field), { minLength: 1 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (rows, end, isEnded) => {
        const lines = [['a', 'b'], ...rows].map((cells) => cells.map(quoted).join(','))
        const csv = lines.join(end) + (isEnded ? end : '')
        expect(rowsOf(csv, profileOf('t'))).toEqual({
          t: parse(csv, { columns: true, recordDelimiter: end }),
        })
      },
    ),
  )
})

test('whatever the text, it is rows or an error in words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        expect(Array.isArray(rowsOf(text, profileOf('t'))['t'] ?? [])).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
      }
    }),
  )
})

test('CSV is refused where it is not clear which table it holds', () => {
  expect(() => rowsOf('a\n1\n', profileOf('t', 'u'))).toThrow(
    /CSV, which holds one table, and .* t, u; write JSON/,
  )
  expect(() => rowsOf('a\n1\n', profileOf())).toThrow(/draws from none; write JSON/)
})
