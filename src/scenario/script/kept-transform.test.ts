import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keptTransform } from './kept-transform.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'forgebench-kept-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const compile = vi.fn(({ source }: { readonly source: string }) => `compiled ${source}`)
const transform = (source: string, filename = '/a/x.ts', into = folder): string =>
  keptTransform(into, compile)({ source, filename }).code

beforeEach(() => void compile.mockClear())

test('the same script is transformed once, wherever it lies', () => {
  expect([transform('1\n2'), transform('1\n2'), transform('1\n2', '/b/y.ts')]).toEqual(
    Array(3).fill('compiled 1\n2'),
  )
  expect(compile).toHaveBeenCalledTimes(1)
})

test('another text, another kind of file, and another place of one that asks for it are others', () => {
  for (const [source, filename] of [
    ['1', '/a/x.ts'],
    ['2', '/a/x.ts'],
    ['1', '/a/x.mjs'],
    ['import.meta.url', '/a/x.ts'],
    ['import.meta.url', '/b/x.ts'],
  ] as const) {
    expect(transform(source, filename)).toBe(`compiled ${source}`)
  }
  expect(compile).toHaveBeenCalledTimes(5)
})

test('what is damaged, cut off or empty is transformed anew', () => {
  transform('1')
  const path = join(folder, readdirSync(folder)[0] ?? '')
  const whole = readFileSync(path, 'utf8')
  for (const text of [whole.replace('compiled', 'compelled'), whole.slice(0, -1), '']) {
    writeFileSync(path, text)
    expect(transform('1')).toBe('compiled 1')
    expect(readFileSync(path, 'utf8')).toBe(whole)
  }
})

test('a mistake is not kept, and a folder that is not there costs nothing but time', () => {
  compile.mockReturnValueOnce('exports.__JITI_ERROR__ = {}')
  transform('1')
  expect(readdirSync(folder)).toEqual([])
  expect(transform('1', '/a/x.ts', join(folder, 'absent'))).toBe('compiled 1')
})

test('the folder does not grow without bound', () => {
  for (let index = 0; index < 500; index++) writeFileSync(join(folder, String(index)), '')
  transform('1')
  expect(readdirSync(folder)).toHaveLength(1)
})
