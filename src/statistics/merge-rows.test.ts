import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TableShape } from './index-shape.ts'
import { mergeRows } from './merge-rows.ts'
import { sameRows, type StatisticsRow } from './statistics-rows.ts'

const table = (name: string, indexes: Readonly<Record<string, readonly string[]>>): TableShape => ({
  name,
  withoutRowid: false,
  indexes: Object.entries(indexes).map(([index, keys]) => ({
    name: index,
    table: name,
    keys: keys.map((label) => ({ label, sql: label })),
    predicate: undefined,
  })),
})
const tables = [table('t', { by_a: ['a'], by_ab: ['a', 'b'] }), table('bare', {})]
const row = (index: string | null, stat: string, of = 't'): StatisticsRow => ({ table: of, index, stat })

test('rows of a source take the place of those of the same index, whatever the case of its name', () => {
  const merged = mergeRows([{ ...row('BY_A', '9 1'), table: 'T' }], tables, [row('by_a', '5 5')])
  expect(merged.rows).toEqual([{ table: 'T', index: 'BY_A', stat: '9 1' }])
  expect(merged.kept).toEqual([])
})

test('rows that a source says nothing of stay, but for those of what is not there', () => {
  const before = [
    row('by_ab', '5 5 1'),
    row(null, '7', 'bare'),
    row('gone', '1 1'),
    row(null, '1', 'nowhere'),
  ]
  const merged = mergeRows([row('by_a', '9 1')], tables, before)
  expect(merged.rows).toEqual([row('by_a', '9 1'), row('by_ab', '5 5 1'), row(null, '7', 'bare')])
  expect(merged.dropped).toEqual([])
})

test('rows of a source that do not fit are left out, and each is named', () => {
  const { rows, dropped } = mergeRows(
    [
      row('gone', '1 1'),
      row('by_a', '1 1', 'nowhere'),
      row('by_a', '9 3 1'),
      { ...row('by_ab', '9 3 1'), keys: ['a', 'c'] },
    ],
    tables,
    [],
  )
  expect(rows).toEqual([])
  expect(dropped).toEqual([
    'gone: the database has no such index on t',
    'by_a: the database has no table nowhere',
    'by_a: the index of the database has other columns (a)',
    'by_ab: the index of the database has other columns (a, b)',
  ])
})

test('merging again changes nothing, and no index has two rows', () => {
  const any = fc.array(
    fc.record({
      table: fc.constantFrom('t', 'bare', 'nowhere'),
      index: fc.constantFrom('by_a', 'by_ab', 'gone', null),
      stat: fc.constantFrom('9 3', '9 3 1', '9', null),
    }),
  )
  const distinct = (rows: readonly StatisticsRow[]): readonly StatisticsRow[] => [
    ...new Map(rows.map((each) => [`${each.table} ${each.index}`, each])).values(),
  ]
  fc.assert(
    fc.property(any, any, (source, before) => {
      const { rows } = mergeRows(distinct(source), tables, distinct(before))
      expect(sameRows(rows, distinct(rows))).toBe(true)
      expect(sameRows(mergeRows(rows, tables, rows).rows, rows)).toBe(true)
    }),
  )
})
