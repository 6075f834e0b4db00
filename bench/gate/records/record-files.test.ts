import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { cellAt } from './cells.ts'
import { appendRecord, packRecords, readRecords } from './record-files.ts'
import type { GateRecord, SliceColumns } from './records.ts'

const slices: SliceColumns = { round: [1], p95: [[5], [6]], mean: [[4], [5]] }

const record = (index: number): GateRecord => ({
  ...cellAt(index),
  kind: 'gate',
  startedAt: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
  settings: 'abc',
  machine: 'a machine',
  seconds: 40,
  status: 'pass',
  error: null,
  size: null,
  operations: [],
  rounds: [],
  evidence: {},
  slices: { Q1: slices },
})

describe('records', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'forgebench-records-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const file = (): string => join(folder, 'records.jsonl')

  test('come back, and a folder without any has none', async () => {
    expect(await readRecords(join(folder, 'missing'))).toEqual([])
    await appendRecord(folder, record(0))
    await appendRecord(folder, record(1))
    expect(await readRecords(folder)).toEqual([record(0), record(1)])
  })

  test('survive a crash that cut the last line, and the next one does not join it', async () => {
    await appendRecord(folder, record(0))
    appendFileSync(file(), JSON.stringify(record(1)).slice(0, 100))
    expect(await readRecords(folder)).toEqual([record(0)])
    await appendRecord(folder, record(2))
    expect(await readRecords(folder)).toEqual([record(0), record(2)])
    rmSync(file())
    writeFileSync(file(), '{"kind":"ga')
    await appendRecord(folder, record(3))
    expect(await readRecords(folder)).toEqual([record(3)])
  })

  test('that are none are named with file and line', async () => {
    writeFileSync(file(), `${JSON.stringify(record(0))}\nwhat\n`)
    await expect(readRecords(folder)).rejects.toThrow(UsageError)
    await expect(readRecords(folder)).rejects.toThrow(`${file()}:2: is no record`)
    rmSync(file())
    writeFileSync(`${file()}.gz`, 'what')
    await expect(readRecords(folder)).rejects.toThrow('cannot be unpacked')
  })

  test('are packed without the slices that no table needs', async () => {
    const tail = record(5)
    expect(tail.slowdown).toBe('held-7')
    expect(await packRecords([record(0), tail], folder)).toBe(`${file()}.gz`)
    const [equal, slowed] = (await readRecords(folder)) as GateRecord[]
    expect(equal?.slices).toEqual({ Q1: slices })
    expect(slowed?.slices).toEqual({})
    const bytes = readFileSync(`${file()}.gz`)
    await packRecords(await readRecords(folder), folder)
    expect(readFileSync(`${file()}.gz`).equals(bytes)).toBe(true)
    expect(readdirSync(folder)).toEqual(['records.jsonl.gz'])
  })

  test('that are packed and not packed as well count once', async () => {
    await appendRecord(folder, record(0))
    await packRecords(await readRecords(folder), folder)
    await appendRecord(folder, record(1))
    expect(await readRecords(folder)).toEqual([record(0), record(1)])
  })

  test('of different settings are refused', async () => {
    await appendRecord(folder, record(0))
    await appendRecord(folder, { ...record(1), settings: 'other' })
    await expect(readRecords(folder)).rejects.toThrow('holds gates of different settings (abc, other)')
  })
})
