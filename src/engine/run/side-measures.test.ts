import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { NativeConnection } from '../../target/native.ts'
import { buildIndexes } from './side-measures.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-side-measures-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('an index is built again and timed whatever its name is', () => {
  const path = join(folder, 'a.db')
  const sql = 'CREATE INDEX "by ""a""" ON t (a)'
  const connection = new NativeConnection(path)
  connection.scriptSync(`CREATE TABLE t (a); ${sql};`)
  connection.close()
  let nowNs = 0
  const builds = buildIndexes(
    { kind: 'index builds', path, indexes: [{ name: 'by "a"', sql }] },
    { nowNs: () => (nowNs += 7) },
  )
  expect(builds.map(({ index }) => index)).toEqual(['by "a"'])
  expect(new Set(builds[0]?.buildNs)).toEqual(new Set([7]))
})
