import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../core/errors.ts'
import { findK6 } from './find-k6.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-find-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A program that says of itself what `k6 version` would. */
async function program(path: string, says: string, mode = 0o755): Promise<string> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\necho "${says}"\n`)
  await chmod(file, mode)
  return file
}

const version2 = 'k6 v2.2.0 (go1.26.8, linux/amd64)'

describe('k6 is looked for', () => {
  it('by K6_BIN, then on PATH, then where our own step has built it', async () => {
    const [named, onPath, built] = [
      await program('named/k6-of-mine', version2),
      await program('bin/k6', 'k6 v2.3.1 (go1.26.8, linux/amd64)'),
      await program('cache/k6/k6', 'k6 v2.2.0'),
    ]
    const environment = { PATH: `/nowhere:${dirname(onPath)}`, FORGEBENCH_CACHE: join(folder, 'cache') }
    expect(await findK6({ ...environment, K6_BIN: named })).toEqual({ path: named, version: '2.2.0' })
    expect(await findK6(environment)).toEqual({ path: onPath, version: '2.3.1' })
    expect(await findK6({ ...environment, PATH: '' })).toEqual({ path: built, version: '2.2.0' })
  })

  it.each<readonly [string, (folder: string) => Promise<Readonly<Record<string, string>>>, RegExp]>([
    [
      'is nowhere',
      async (at) => ({ PATH: at, FORGEBENCH_CACHE: at }),
      /^no k6 on PATH; install it with: go install/,
    ],
    [
      'is named and not there',
      async () => ({ K6_BIN: '/no/k6' }),
      /^K6_BIN names \/no\/k6, which is no program/,
    ],
    [
      'may not be run',
      async () => ({ K6_BIN: await program('k6', version2, 0o644) }),
      /which is no program that can be run/,
    ],
    [
      'is too old',
      async () => ({ K6_BIN: await program('k6', 'k6 v1.8.1 (go1.25.0, linux/amd64)') }),
      /is k6 1\.8\.1, and 2\.0 or later is needed; install it with: go install go\.k6\.io\/k6\/v2@v2\.2\.0/,
    ],
    ['is something else', async () => ({ K6_BIN: await program('k6', 'hello') }), /k6 is no k6/],
    ['fails', async () => ({ K6_BIN: await program('k6', '$(exit 3)"; exit 3; echo "') }), /does not start/],
  ])('and refused in one line when it %s', async (_, make, message) => {
    const error: unknown = await findK6(await make(folder)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toContain('\n')
  })
})
