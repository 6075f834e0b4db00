import { mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { isAsSealed, sealCheck, sealFile, type FileSeal } from './file-seal.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-seal-'))
const path = join(folder, 'a.db')
const pages = 1000
let seal: FileSeal

beforeEach(async () => {
  writeFileSync(path, Buffer.alloc(pages * 4096, 'rows'))
  utimesSync(path, 2000, 2000)
  seal = await sealFile(path)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Flips a byte, and takes back the time of change as damage of a disk would. */
function flip(at: number): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 0xff
  writeFileSync(path, bytes)
  utimesSync(path, 2000, 2000)
}

describe('a file of the cache', () => {
  test('is whole as it was sealed, also when only its time of change is another', async () => {
    expect(await isAsSealed(path, seal, 'cheap')).toBe(true)
    utimesSync(path, 1000, 1000)
    expect(await isAsSealed(path, seal, 'cheap')).toBe(true)
    expect(await isAsSealed(path, seal, 'full')).toBe(true)
  })

  test.each([
    ['without its end', () => truncateSync(path, 4096)],
    ['that is gone', () => rmSync(path)],
    ['with a flipped byte in its header', () => flip(20)],
    ['with a flipped byte in its last page', () => flip(pages * 4096 - 1)],
  ])('%s is damaged', async (_, harm) => {
    harm()
    expect(await isAsSealed(path, seal, 'cheap')).toBe(false)
  })

  test('with one flipped byte between the samples is found where its time of change says so, or by a full check', async () => {
    flip(5 * 4096)
    expect(await isAsSealed(path, seal, 'cheap')).toBe(true)
    expect(await isAsSealed(path, seal, 'full')).toBe(false)
    utimesSync(path, 1000, 1000)
    expect(await isAsSealed(path, seal, 'cheap')).toBe(false)
  })
})

test('the check is full where it was asked for', () => {
  expect(sealCheck({})).toBe('cheap')
  expect(sealCheck({ FORGEBENCH_VERIFY_CACHE: '1' })).toBe('full')
})
