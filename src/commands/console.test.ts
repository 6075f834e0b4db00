import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { sealCheck } from '../stage/file-seal.ts'
import { dataOptions, decimalNumber, print, wantsColor, wholeNumber, writeJson } from './console.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-console-'))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

// A stream is a terminal here when its number is 100.
vi.mock('node:tty', async (original) => ({
  ...(await original<object>()),
  isatty: (fd: number) => fd === 100,
}))
const stream = (isTTY: boolean | undefined): NodeJS.WriteStream =>
  ({ isTTY, fd: isTTY === true ? 100 : 101 }) as unknown as NodeJS.WriteStream
const written = (): (() => string) => {
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  return () => write.mock.calls.map(([text]) => String(text)).join('')
}

describe('colours', () => {
  test('are for terminals', () => {
    vi.stubEnv('NO_COLOR', undefined)
    expect(wantsColor(stream(true))).toBe(true)
    // A pipe has no isTTY at all.
    expect(wantsColor(stream(undefined))).toBeFalsy()
  })

  test('are off where NO_COLOR is set to anything but nothing, as no-color.org asks', () => {
    for (const value of ['1', '0', 'false']) {
      vi.stubEnv('NO_COLOR', value)
      expect(wantsColor(stream(true))).toBe(false)
    }
    vi.stubEnv('NO_COLOR', '')
    expect(wantsColor(stream(true))).toBe(true)
  })
})

describe('whole numbers', () => {
  test('within the bounds are taken as they are', () => {
    fc.assert(fc.property(fc.integer({ min: 3, max: 99 }), (n) => wholeNumber(3, 99)(String(n)) === n))
  })

  test.each(['2', '100', '', ' ', '5.0', '1e1', '0x10', '-5', '5 ', 'five', 'NaN', 'Infinity'])(
    'are not «%s»',
    (text) => expect(() => wholeNumber(3, 99)(text)).toThrow('it must be a whole number from 3 to 99'),
  )
})

describe('decimal numbers', () => {
  test.each([
    ['0.01', 0.01],
    ['100', 100],
    ['.5', 0.5],
    ['10.50', 10.5],
  ])('within the bounds are taken: %s', (text, value) => expect(decimalNumber(0.01, 100)(text)).toBe(value))

  test.each(['0', '0.009', '100.1', '', ' ', 'NaN', 'Infinity', '1,5', '1e1', '0x10', '+1', '1 ', 'half'])(
    'are not «%s»',
    (text) => expect(() => decimalNumber(0.01, 100)(text)).toThrow('it must be a number from 0.01 to 100'),
  )
})

test('data options mean the same for every command', () => {
  const options = (...args: readonly string[]): unknown =>
    dataOptions(new Command()).parse(args, { from: 'user' }).opts()
  expect(options()).toEqual({ scale: expect.any(Number), seed: 1 })
  expect(options('--scale', '0.5', '--seed', '4294967295')).toEqual({ scale: 0.5, seed: 4294967295 })
})

test('--verify-cache has every file of the cache read whole', () => {
  vi.stubEnv('FORGEBENCH_VERIFY_CACHE', undefined)
  dataOptions(new Command()).parse([], { from: 'user' })
  expect(sealCheck()).toBe('cheap')
  dataOptions(new Command()).parse(['--verify-cache'], { from: 'user' })
  expect(sealCheck()).toBe('full')
})

describe('output', () => {
  test('ends with one line break', () => {
    const text = written()
    print('one')
    print('two\n')
    expect(text()).toBe('one\ntwo\n')
  })

  test('of JSON goes to stdout, to a file, or nowhere', async () => {
    const text = written()
    await writeJson(undefined, '{}')
    expect(text()).toBe('')
    await writeJson(true, '{"a":1}')
    expect(text()).toBe('{"a":1}\n')
    const path = join(mkdtempSync(join(tmpdir(), 'forgebench-json-')), 'out.json')
    await writeJson(path, '{"b":2}')
    expect(readFileSync(path, 'utf8')).toBe('{"b":2}\n')
    rmSync(join(path, '..'), { recursive: true })
  })

  test('of JSON that cannot be written is a mistake of usage', async () => {
    await expect(writeJson(join(folder, 'no', 'out.json'), '{}')).rejects.toMatchObject({
      code: 'JSON_UNWRITABLE',
      exit: 2,
      message: expect.stringMatching(/out\.json: cannot write the JSON \(ENOENT\); name a file/),
    })
  })
})
