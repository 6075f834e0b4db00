import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { readRecords } from './record-files.ts'
import { recordedSampling, refuseOtherSampling } from './recorded-sampling.ts'
import { gatesOf } from './real-gates.ts'
import { slowdownSize } from './slowdown-size.ts'
import type { CalibrationRecord } from './records.ts'

test('the committed records are read, each gate once', async () => {
  const gates = gatesOf(await readRecords())
  expect(gates).toHaveLength(118)
  expect(new Set(gates.map(({ index }) => index)).size).toBe(118)
})

test('records of other settings are refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'forgebench-records-'))
  const path = join(folder, 'records.jsonl.gz')
  try {
    writeFileSync(path, gzipSync('{"kind":"gate","settings":"other"}\n'))
    await expect(readRecords(path)).rejects.toThrow(UsageError)
    await expect(readRecords(path)).rejects.toThrow(`${path}: holds gates of other settings (other, not`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the records are refused once a gate samples otherwise', () => {
  expect(() => refuseOtherSampling()).not.toThrow()
  const { settings: _, ...sampling } = recordedSampling
  expect(() => refuseOtherSampling({ ...sampling, sliceMs: 30 })).toThrow(
    /"sliceMs":30.*of settings e40411b1/,
  )
})

const tried = (
  ...pairs: readonly (readonly [size: number, effect: number])[]
): readonly CalibrationRecord[] =>
  pairs.map(([size, effect]) => ({
    kind: 'calibration',
    settings: '',
    startedAt: '',
    condition: 'idle',
    slowdown: 'delay',
    operations: [{ id: 'Q1', size, ratio: Math.exp(effect), low: 1, high: 2 }],
  }))

test('the size of a slowdown lies where the line through its calibrations reaches +10 %', () => {
  const line = (size: number): readonly [number, number] => [size, 0.01 + 0.9 * size]
  const size = slowdownSize(tried(line(0.054), line(0.126)), 'delay', 'Q1')
  expect(0.01 + 0.9 * size).toBeCloseTo(Math.log(1.1), 10)
})

test('the size of a slowdown does not follow a flat or falling line to nowhere', () => {
  for (const effect of [0.05, 0.04, 0.2]) {
    const size = slowdownSize(tried([0.054, 0.05], [0.126, effect]), 'delay', 'Q1')
    expect(size).toBeGreaterThanOrEqual(0.0675)
    expect(size).toBeLessThanOrEqual(0.135)
  }
})
