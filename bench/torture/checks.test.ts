import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NativeConnection } from '../../src/target/native.ts'
import { noWrites, writesAreStored } from './api-writes.ts'
import { databaseIsWhole, failedInOneLine, filesAreWhole, nothingIsLeft, timesAreSane } from './checks.ts'
import { noOrphans } from './processes.ts'
import type { BrokenPromise } from './trial.ts'
import { makeWorkspace, removeWorkspace, type Workspace } from './workspace.ts'

let here: Workspace
beforeEach(() => (here = makeWorkspace()))
afterEach(() => removeWorkspace(here))

const breaks = (promise: BrokenPromise, check: () => unknown): void =>
  expect(check).toThrow(expect.objectContaining({ promise }))

function database(sql: string): string {
  const path = join(here.work, 'a.db')
  const connection = new NativeConnection(path)
  connection.scriptSync(sql)
  connection.close()
  return path
}

describe('a trial notices', () => {
  test('an empty file and half a Run, but not a log of SQLite', () => {
    writeFileSync(join(here.work, 'a.db-wal'), '')
    expect(() => filesAreWhole(here.work)).not.toThrow()
    for (const [name, text] of [
      ['report.md', ''],
      ['run.json', '{"id":'],
    ] as const) {
      mkdirSync(join(here.work, name))
      writeFileSync(join(here.work, name, name), text)
      breaks('no file is half written', () => filesAreWhole(join(here.work, name)))
    }
  })

  test('rows that lost their parents, and a file that is no database', () => {
    const path = database('CREATE TABLE a (id PRIMARY KEY); CREATE TABLE b (a REFERENCES a);')
    expect(() => databaseIsWhole(path)).not.toThrow()
    database('PRAGMA foreign_keys = OFF; INSERT INTO b VALUES (1);')
    breaks('the database is whole', () => databaseIsWhole(path))
    writeFileSync(path, 'text '.repeat(2000))
    breaks('the database is whole', () => databaseIsWhole(path))
  })

  test('a write that was acknowledged and is gone, and an evaluation without some of its results', () => {
    const path = database(`CREATE TABLE prompts (id); CREATE TABLE evaluations (id, provider, model);
CREATE TABLE test_results (id, evaluation_id); INSERT INTO prompts VALUES ('p');`)
    expect(() => writesAreStored(path, { ...noWrites(), prompts: ['p'] })).not.toThrow()
    breaks('what was acknowledged is stored', () =>
      writesAreStored(path, { ...noWrites(), prompts: ['p', 'q'] }),
    )
    database(
      "INSERT INTO evaluations VALUES ('e', 'torture', '2'); INSERT INTO test_results VALUES (1, 'e');",
    )
    breaks('nothing is half accepted', () => writesAreStored(path, noWrites()))
  })

  test('what is left in the temporary folder and in the cache', () => {
    expect(() => nothingIsLeft(here)).not.toThrow()
    mkdirSync(join(here.cache, 'stages', 'clones-12-x'), { recursive: true })
    breaks('nothing is left after the next command', () => nothingIsLeft(here))
  })

  test('two lines of an error, and a stack', () => {
    const failed = (stderr: string) => () =>
      failedInOneLine({ status: 5, signal: null, stdout: '', stderr: `progress\n${stderr}` })
    expect(failed('forgebench: the disk is full\n')).not.toThrow()
    for (const stderr of ['', 'forgebench: a\nforgebench: b\n', 'forgebench: a\n    at open (file.js:1:2)\n'])
      breaks('an error is one line', failed(stderr))
  })

  test('times that are negative, and longer than an hour', () => {
    for (const [text, isSane] of [
      ['{"a":{"p95Ns":12.5},"startMs":3}', true],
      ['{"a":{"p95Ns":-1}}', false],
      ['{"seconds":1,"elapsedSeconds":31536000}', false],
    ] as const) {
      writeFileSync(join(here.work, 'run.json'), text)
      if (isSane) expect(() => timesAreSane(here.work)).not.toThrow()
      else breaks('times are sane', () => timesAreSane(here.work))
    }
  })

  test.skipIf(!existsSync('/proc/self/cwd'))('a process that lives on, which it ends', async () => {
    await expect(noOrphans(here.work)).resolves.toBeUndefined()
    const child = spawn('sleep', ['60'], { cwd: here.work })
    await once(child, 'spawn')
    const ended = once(child, 'exit')
    await expect(noOrphans(here.work)).rejects.toMatchObject({
      promise: 'no process outlives its command by 2 s',
    })
    expect(await ended).toEqual([null, 'SIGKILL'])
  })
})
