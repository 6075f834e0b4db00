import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { cellAt } from './cells.ts'
import { appendRecord, packRecords, readRecords } from './record-files.ts'
import type { GateRecord, SliceColumns } from './records.ts'

const slices: SliceColumns = { round: [1], p95: [[5], [6]], mean: [[4], [5]] }

const record = (index: number, shard = '1/1'): GateRecord => ({
  ...cellAt(index),
  kind: 'gate',
  shard,
  startedAt: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
  settings: 'abc',
  machine: 'a machine',
  seconds: 40,
  word: 'pass',
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
  const file = (): string => join(folder, '1-of-1.jsonl')

  test('of all shards come back, and a folder without any has none', async () => {
    expect(await readRecords(join(folder, 'missing'))).toEqual([])
    await appendRecord(folder, record(0, '1/2'))
    await appendRecord(folder, record(1, '2/2'))
    expect(await readRecords(folder)).toEqual([record(0, '1/2'), record(1, '2/2')])
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

  test('are packed without the slices that no table needs, with the revision, each once', async () => {
    const tail = record(5)
    expect(tail.plant).toBe('held-7')
    const paths = await packRecords([record(0), tail, record(0)], folder, 'abc1234')
    expect(paths).toEqual([`${file()}.gz`])
    const [equal, planted, ...others] = (await readRecords(folder)) as GateRecord[]
    expect(others).toEqual([])
    expect(equal?.slices).toEqual({ Q1: slices })
    expect(planted?.slices).toEqual({})
    expect([equal?.commit, planted?.commit]).toEqual(['abc1234', 'abc1234'])
    const bytes = readFileSync(`${file()}.gz`)
    await packRecords(await readRecords(folder), folder, 'other')
    expect(readFileSync(`${file()}.gz`).equals(bytes)).toBe(true)
    expect(readdirSync(folder)).toEqual(['1-of-1.jsonl.gz'])
  })

  test('that are packed and not packed as well count once, as packed', async () => {
    await appendRecord(folder, record(0))
    await packRecords(await readRecords(folder), folder, 'abc1234')
    await appendRecord(folder, record(1))
    const records = await readRecords(folder)
    expect(records.map(({ commit }) => commit)).toEqual(['abc1234', undefined])
  })
})
