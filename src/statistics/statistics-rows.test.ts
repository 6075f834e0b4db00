import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { misleadingMeans, repairedStat } from './misleading.ts'
import { readEstimates, sameRows, withRowsPerKey } from './statistics-rows.ts'
import { readStatisticsFile, statisticsFileText, type StatisticsFile } from './statistics-file.ts'

const whole = fc.nat({ max: 1_000_000 })

describe('a row of sqlite_stat1', () => {
  it('is numbers, then words, which stay when the numbers change', () => {
    expect(readEstimates('30000 13 2 sz=12 unordered')).toEqual({ entries: 30000, rowsPerKey: [13, 2] })
    expect(withRowsPerKey('30000 13 2 sz=12 unordered', [28000, 2])).toBe('30000 28000 2 sz=12 unordered')
    expect(readEstimates(null)).toEqual({ entries: undefined, rowsPerKey: [] })
    expect(readEstimates('noskipscan')).toEqual({ entries: undefined, rowsPerKey: [] })
  })

  test('whatever it holds is read without an error, and numbers come back as they were', () => {
    fc.assert(fc.property(fc.string(), (text) => void readEstimates(text)))
    fc.assert(
      fc.property(whole, fc.array(whole), (entries, rowsPerKey) => {
        expect(readEstimates([entries, ...rowsPerKey].join(' '))).toEqual({ entries, rowsPerKey })
      }),
    )
  })

  test('rows are compared without their order', () => {
    const [a, b] = [
      { table: 't', index: 'i', stat: '1 1' },
      { table: 't', index: null, stat: '1' },
    ]
    expect(sameRows([a!, b!], [b!, a!])).toBe(true)
    expect(sameRows([a!, b!], [a!])).toBe(false)
    expect(sameRows([a!], [{ ...a!, stat: '1 2' }])).toBe(false)
  })
})

describe('a repair', () => {
  const group = (prefix: number, rows: number) => ({ prefix, rows, values: [], sampledRows: null })

  it('puts the largest group in place of a mean that misleads, and no other', () => {
    const groups = [group(1, 28_000), group(2, 28_000), group(3, 100)]
    const stat = '30000 2000 13 1'
    const means = misleadingMeans(stat, 30_000, groups)
    expect(means.map(({ statedRows }) => statedRows)).toEqual([2000, 13])
    expect(repairedStat(stat, means)).toBe('30000 28000 28000 1')
    expect(repairedStat(stat, [])).toBe(stat)
  })

  test('keeps the number of numbers and the entries, lowers none, and stays in falling order', () => {
    const sizes = fc.array(whole, { minLength: 1, maxLength: 5 }).map((all) => all.toSorted((a, b) => b - a))
    fc.assert(
      fc.property(sizes, sizes, whole, (stated, largest, entries) => {
        const stat = [entries, ...stated].join(' ')
        const groups = largest.map((rows, index) => group(index + 1, Math.min(rows, entries)))
        const repaired = readEstimates(repairedStat(stat, misleadingMeans(stat, entries, groups)))
        expect(repaired.entries).toBe(entries)
        expect(repaired.rowsPerKey).toHaveLength(stated.length)
        expect(repaired.rowsPerKey.toSorted((a, b) => b - a)).toEqual(repaired.rowsPerKey)
        for (const [index, mean] of stated.entries())
          expect(repaired.rowsPerKey[index]).toBeGreaterThanOrEqual(mean)
      }),
    )
  })
})

describe('a statistics file', () => {
  const file: StatisticsFile = {
    format: 'forgebench-statistics',
    version: 1,
    source: 'http://127.0.0.1:8080',
    takenAt: '2026-01-01T00:00:00.000Z',
    sqlite: '3.45.1',
    server: null,
    rows: [{ table: 'a "b"\n', index: null, stat: null }],
  }

  it('comes back as it was written', () => {
    expect(readStatisticsFile(statisticsFileText(file), 'x.json')).toEqual(file)
  })

  it.each(['', 'null', '[]', '{}', JSON.stringify({ ...file, rows: [{ table: 1 }] })])(
    'is refused in one line where it is %j',
    (text) => {
      expect(() => readStatisticsFile(text, 'x.json')).toThrow(
        expect.objectContaining({
          code: 'STATISTICS_FILE',
          exit: 2,
          message: expect.stringMatching(/^x\.json: .+$/),
        }),
      )
    },
  )
})
