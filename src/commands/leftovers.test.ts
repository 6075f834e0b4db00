import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildOnce, forgebench } from '../../fixtures/cli/forgebench.ts'

test('folders of killed commands go with the next command of any kind, those of living ones stay', async () => {
  await buildOnce()
  const folder = mkdtempSync(join(tmpdir(), 'forgebench-leftovers-'))
  const dead = 2 ** 22 + 1
  const living = [`forgebench-verify-${process.pid}-a`, `forgebench-k6-${process.pid}-b`, 'of-others']
  for (const name of [`forgebench-verify-${dead}-c`, `forgebench-k6-${dead}-d`, ...living]) {
    mkdirSync(join(folder, name, 'deep'), { recursive: true })
  }
  const { status } = await forgebench(['migrate', 'status', '--db', 'file:none.db'], {
    cwd: folder,
    env: { TMPDIR: folder },
  })
  expect(status).toBe(2)
  expect(readdirSync(folder).toSorted()).toEqual(living.toSorted())
  rmSync(folder, { recursive: true })
})
