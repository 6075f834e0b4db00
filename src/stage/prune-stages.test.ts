import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pruneStages } from './prune-stages.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'prune-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A stage of so many bytes that was last used at this minute. */
function stage(name: string, bytes = 0, minute = 0): string {
  const path = join(root, name)
  mkdirSync(path)
  writeFileSync(join(path, 'database.db'), Buffer.alloc(bytes))
  utimesSync(path, minute * 60, minute * 60)
  return path
}
const left = (): readonly string[] => readdirSync(root).toSorted()
const deadProcess = spawnSync(process.execPath, ['--version']).pid

describe('pruning stages', () => {
  test('removes what dead processes left in the middle of their work, and nothing of living ones', async () => {
    stage(`abc.building-${deadProcess}`)
    stage(`clones-${deadProcess}-x7Yz`)
    stage(`abc.building-${process.pid}`)
    stage(`clones-${process.pid}-x7Yz`)
    stage('abc')
    await pruneStages(root, new Set())
    expect(left()).toEqual(['abc', `abc.building-${process.pid}`, `clones-${process.pid}-x7Yz`].toSorted())
  })

  test('removes the least recently used until the rest fits', async () => {
    for (const [name, minute] of [
      ['new', 30],
      ['old', 10],
      ['older', 5],
      ['middle', 20],
    ] as const)
      // prettier-ignore
      stage(name, 100, minute)
    await pruneStages(root, new Set(), 250)
    expect(left()).toEqual(['middle', 'new'])
  })

  test('keeps what is in use, however old and large', async () => {
    const inUse = stage('old', 1000, 1)
    stage('new', 100, 9)
    await pruneStages(root, new Set([inUse]), 500)
    expect(left()).toEqual(['old'])
  })

  test('does not count the work of living processes, and removes nothing while all fits', async () => {
    stage(`clones-${process.pid}-a`, 1000)
    stage('abc', 100)
    await pruneStages(root, new Set(), 100)
    expect(left()).toHaveLength(2)
  })

  test('passes over what vanishes while it looks, and over files that are no stages', async () => {
    writeFileSync(join(root, 'a-note.txt'), 'somebody put this here')
    symlinkSync(join(root, 'gone'), join(stage('abc', 100), 'database.db-wal'))
    symlinkSync(join(root, 'gone'), join(root, 'vanished'))
    await pruneStages(root, new Set(), 100)
    expect(left()).toEqual(['a-note.txt', 'abc', 'vanished'])
  })
})
