import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectFile, parseLocation, parseTarget } from './location.ts'
import { NativeConnection } from './native.ts'

describe('--db', () => {
  it('takes file URLs and plain paths', () => {
    expect(parseLocation('file:a.db').path).toBe(resolve('a.db'))
    expect(parseLocation('a.db').path).toBe(resolve('a.db'))
    expect(parseLocation('file:/x/a.db').path).toBe('/x/a.db')
    expect(parseLocation('file:///x/a%20b.db').path).toBe('/x/a b.db')
  })

  it.each([
    ['', 'DB_MISSING'],
    ['file:', 'DB_MISSING'],
    [':memory:', 'DB_MEMORY'],
    ['http://127.0.0.1:8080', 'DB_SCHEME'],
    ['file:a.db?mode=ro', 'DB_PARAMETERS'],
  ])('refuses %j with %s and exit code 2', (db, code) => {
    expect(() => parseLocation(db)).toThrow(expect.objectContaining({ code, exit: 2 }))
  })
})

describe('--db of a command that knows servers', () => {
  it('takes files as other commands do', () => {
    expect(parseTarget('file:a.db')).toEqual({ kind: 'file', path: resolve('a.db') })
    expect(() => parseTarget(':memory:')).toThrow(expect.objectContaining({ code: 'DB_MEMORY' }))
    expect(() => parseTarget('ftp://a')).toThrow(expect.objectContaining({ code: 'DB_SCHEME' }))
  })

  it.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['HTTP://localhost:8080/', 'http://localhost:8080'],
    ['https://db.example/some/path', 'https://db.example/some/path'],
    ['ws://[::1]:8080', 'ws://[::1]:8080'],
    ['libsql://my-db.turso.io', 'libsql://my-db.turso.io'],
  ])('takes %s', (db, url) => {
    expect(parseTarget(db)).toEqual({ kind: 'remote', url })
  })

  it.each([
    ['http://user:secret@db.example', 'DB_CREDENTIALS'],
    ['libsql://db.example?authToken=secret', 'DB_CREDENTIALS'],
    ['http://', 'DB_URL'],
  ])('refuses %s with %s, and does not repeat a secret', (db, code) => {
    expect(() => parseTarget(db)).toThrow(
      expect.objectContaining({ code, exit: 2, message: expect.not.stringContaining('secret') }),
    )
  })
})

describe('a database file', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'location-'))
    writeFileSync(join(folder, 'text.db'), 'this is a text of more than sixteen bytes')
    writeFileSync(join(folder, 'empty.db'), '')
    mkdirSync(join(folder, 'folder.db'))
    const connection = new NativeConnection(join(folder, 'real.db'))
    connection.scriptSync('CREATE TABLE t (a)')
    connection.close()
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    ['missing.db', 'absent'],
    ['empty.db', 'empty'],
    ['real.db', 'database'],
  ])('%s is %s', async (name, state) => {
    expect(await inspectFile(join(folder, name), 'write')).toBe(state)
  })

  it.each([
    ['folder.db', 'TARGET_IS_DIRECTORY'],
    ['text.db', 'TARGET_NOT_A_DATABASE'],
    ['nowhere/a.db', 'TARGET_NOT_FOUND'],
  ])('%s is refused with %s and exit code 2', async (name, code) => {
    await expect(inspectFile(join(folder, name), 'read')).rejects.toMatchObject({ code, exit: 2 })
  })
})

it.each([
  ['--verify', /--db names no file: --verify follows it/],
  ['replica:a.db?sync=http://127.0.0.1:8080', /--db replica: is not supported by this command/],
  ['sqld', /write --db file:sqld for a file of that name/],
])('--db %s is no place for a file', (db, message) => {
  expect(() => parseTarget(db)).toThrow(message)
  expect(parseTarget('file:sqld')).toMatchObject({ kind: 'file' })
})
