import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'forgebench-folder-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('a folder is made with those above it, once', async () => {
  const path = join(root, 'a', 'b', 'c')
  expect(await makeFolder(path)).toBe(true)
  expect((await stat(path)).isDirectory()).toBe(true)
  expect(await makeFolder(path)).toBe(false)
})

test('many who make it at once all succeed', async () => {
  const path = join(root, 'shared', 'deep', 'folder')
  await Promise.all(Array.from({ length: 10 }, () => makeFolder(path)))
  expect((await stat(path)).isDirectory()).toBe(true)
})

test('where a file stands or nothing can be made, the error of the file system is thrown', async () => {
  await writeFile(join(root, 'file'), '')
  await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.runIf(process.platform === 'linux')('where a file system denies its own folders, it ends', async () => {
  await expect(makeFolder('/proc/no-such-folder/below')).rejects.toMatchObject({ code: 'ENOENT' })
})
