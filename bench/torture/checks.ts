import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseRun } from '../../src/run/read.ts'
import { NativeConnection } from '../../src/target/native.ts'
import type { Row } from '../../src/target/connection.ts'
import { PromiseBroken, promised } from './trial.ts'
import type { Ended, Workspace } from './workspace.ts'

/** Rows of a query on a copy of a database file, which recovers its log: the file stays as it is, and its disk may be full. */
export function rowsOf(path: string, sql: string): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'torture-look-'))
  try {
    for (const part of ['', '-wal', '-journal']) {
      if (existsSync(path + part)) copyFileSync(path + part, join(folder, `copy.db${part}`))
    }
    const connection = new NativeConnection(join(folder, 'copy.db'))
    try {
      return connection.querySync(sql).rows
    } finally {
      connection.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws PromiseBroken when a database file is not as SQLite and its foreign keys want it */
export function databaseIsWhole(path: string): void {
  const found = attempt(path, () => [
    ...rowsOf(path, 'PRAGMA integrity_check').map(String),
    ...rowsOf(path, 'PRAGMA foreign_key_check').map((row) => `orphan: ${row.join(' ')}`),
  ])
  promised(found.join() === 'ok', 'the database is whole', `${path}: ${found.slice(0, 3).join('; ')}`)
}

function attempt(path: string, read: () => readonly string[]): readonly string[] {
  try {
    return read()
  } catch (error) {
    throw new PromiseBroken('the database is whole', `${path}: ${String(error)}`)
  }
}

/** Names of SQLite's own files, which may be empty, and of work in progress, which the next command removes. */
const sqliteLog = /-(?:wal|shm|journal)$/
const inProgress = /\.tmp$|\.seeding-|building-\d|clones-\d|(?:^|\/)served\/|\.compact$/

export function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
}

/** @throws PromiseBroken for an empty file, a Run that cannot be read, a database that is not whole */
export function filesAreWhole(folder: string): void {
  for (const path of filesBelow(folder)) {
    const name = relative(folder, path)
    if (sqliteLog.test(name) || inProgress.test(name)) continue
    promised(statSync(path).size > 0, 'no file is half written', `${name} is empty`)
    if (name.endsWith('.db')) databaseIsWhole(path)
    else if (name.endsWith('.json')) jsonIsWhole(path, name)
  }
}

function jsonIsWhole(path: string, name: string): void {
  const text = readFileSync(path, 'utf8')
  try {
    if (name.endsWith('run.json')) parseRun(text, name)
    else JSON.parse(text)
  } catch (error) {
    throw new PromiseBroken('no file is half written', `${name}: ${String(error)}`)
  }
}

/** @throws PromiseBroken when the temporary folder is not empty, or work in progress stands in the cache or the work folder */
export function nothingIsLeft({ tmp, cache, work }: Workspace): void {
  const left = [
    ...readdirSync(tmp).map((name) => `TMPDIR/${name}`),
    ...namesBelow(cache).map((name) => `cache/${name}`),
    ...namesBelow(work),
  ]
  promised(left.length === 0, 'nothing is left after the next command', left.slice(0, 5).join(', '))
}

const namesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => inProgress.test(name))

/** Everything that holds right after a command was killed, but for processes. */
export function everythingIsWhole({ work, cache }: Workspace): void {
  filesAreWhole(work)
  filesAreWhole(cache)
}

/** A command that refused or failed says so in one line, and not that it is its own fault. */
export function failedInOneLine({ stderr, status }: Ended): void {
  const lines = stderr.split('\n').filter((line) => line.startsWith('forgebench: '))
  const isOne = lines.length === 1 && !/internal error|^\s+at /m.test(stderr)
  promised(isOne, 'an error is one line', `exit ${status}: ${stderr.trim().slice(-400)}`)
}

/** @throws PromiseBroken when a command ended otherwise */
export function endedWith(ended: Ended, codes: readonly number[], what: string): void {
  const { status, signal, stderr } = ended
  promised(
    codes.includes(status ?? -1),
    'the exit code is right',
    `${what}: ${signal ?? status}, not ${codes.join(' or ')}: ${stderr.trim().slice(-300)}`,
  )
}

/** @throws PromiseBroken when the command after a mishap failed */
export function works({ status, signal, stderr }: Ended, what: string, codes: readonly number[] = [0]): void {
  const evidence = `${what}: ${signal ?? status}: ${stderr.trim().slice(-300)}`
  promised(codes.includes(status ?? -1), 'the next command works', evidence)
}

const longestNs = 3600e9
const unitNs: Readonly<Record<string, number>> = { Ns: 1, Ms: 1e6, Seconds: 1e9 }

/**
 * Looks at every duration of the Runs below a folder.
 * @throws PromiseBroken for a negative one and one of more than an hour
 */
export function timesAreSane(folder: string): void {
  for (const path of filesBelow(folder).filter((each) => each.endsWith('run.json'))) {
    JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) => {
      const unit = /(?:Ns|Ms|Seconds)$/.exec(key)?.[0]
      if (unit === undefined || typeof value !== 'number') return value
      const ns = value * (unitNs[unit] ?? 1)
      promised(ns >= 0 && ns <= longestNs, 'times are sane', `${key}: ${value} in ${relative(folder, path)}`)
      return value
    })
  }
}
