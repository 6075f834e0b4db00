import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { copySeeded } from '../../../fixtures/cache/shared-cache.ts'
import { buildOnce, forgebench, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import {
  countLeftovers,
  insertEvaluation,
  makeOnlineProject,
  numberedUuid,
  onlineSteps,
  selectRecorded,
  type OnlineProject,
} from '../../../fixtures/cli/online-project.ts'
import { startCapture, stopCapture } from '../../schema/online/change-capture.ts'
import { liveFile } from '../../schema/online/live-database.ts'
import { migrateOnline, type OnlineResult, type OnlineStep } from '../../schema/online/migrate-online.ts'
import { digestRows } from '../../schema/row-digest.ts'
import { NativeConnection } from '../../target/native.ts'

let project: OnlineProject
let files = 0
let path = ''

beforeAll(async () => {
  await buildOnce()
  project = await makeOnlineProject()
})
afterAll(() => rmSync(project.cwd, { recursive: true, force: true }))
beforeEach(async () => {
  path = join(project.cwd, `${(files += 1)}.db`)
  await copySeeded(path)
  inFile((connection) => connection.scriptSync('PRAGMA journal_mode = WAL'))
})

const inFile = <T>(work: (connection: NativeConnection) => T): T => {
  const connection = new NativeConnection(path, { busyTimeoutMs: 5_000 })
  try {
    return work(connection)
  } finally {
    connection.close()
  }
}
const ask = (sql: string): readonly unknown[] => inFile((connection) => connection.querySync(sql).rows.flat())
const digest = async (): Promise<unknown> => {
  const connection = new NativeConnection(path)
  const rows = await digestRows(connection, { ids: 'exact' })
  connection.close()
  return rows
}

/** Migrates the file, with something done by others at each step. */
async function migrate(
  name: string,
  atStep: (step: OnlineStep) => void | Promise<void> = () => undefined,
  mostLockMs = 60_000,
): Promise<OnlineResult> {
  const connection = new NativeConnection(path, { busyTimeoutMs: 5_000 })
  const folder = mkdtempSync(join(project.cwd, 'branch-'))
  const options = { folder, mostLockMs, dryRun: false, onStep: atStep }
  try {
    return await migrateOnline(liveFile(connection, path), name, project.migrations, options)
  } finally {
    connection.close()
  }
}

describe('migrate online on a file', () => {
  test('keeps everything that others write at any step, and their open connections go on with the new schema', async () => {
    const other = new NativeConnection(path, { busyTimeoutMs: 5_000 })
    const before = other.querySync('SELECT count(*) FROM evaluations').rows[0]![0] as number
    let written = 0
    const result = await migrate('binary-uuids', () => {
      for (let row = 0; row < 300; row += 1) other.scriptSync(insertEvaluation(numberedUuid((written += 1))))
      other.scriptSync(`UPDATE prompts SET title = 'new' WHERE rowid = ${written / 300}`)
      other.scriptSync(`DELETE FROM test_results WHERE rowid = ${written / 300}`)
    })
    expect(result).toMatchObject({ outcome: 'switched', problems: [] })
    expect(result.caughtUp.rows).toBeGreaterThanOrEqual(900)
    // The same connection, which was open all the time.
    expect(other.querySync('SELECT count(*), sum(length(id) = 16) FROM evaluations').rows).toEqual([
      [before + written, before + written],
    ])
    other.scriptSync(`UPDATE prompts SET title = 'after' WHERE rowid = 9`)
    other.close()
    expect(ask(`SELECT count(*) FROM prompts WHERE title = 'new'`)).toEqual([onlineSteps.length])
    expect(ask('SELECT min(rowid) FROM test_results')).toEqual([onlineSteps.length + 1])
    expect(ask('SELECT count(*) FROM test_results')).toEqual([3000 - onlineSteps.length])
    expect(ask('PRAGMA integrity_check')).toEqual(['ok'])
    expect(ask(selectRecorded)).toEqual(['initial', 'binary-uuids'])
    expect(ask(countLeftovers)).toEqual([0])
    expect(await migrate('binary-uuids')).toMatchObject({ outcome: 'applied before' })
  })

  test.each([
    ['lossy', /^test_results would have 2999 rows, not 3000$/],
    ['changing', /^rows of evaluations would change in columns that stay/],
  ])('rolls back what loses or changes rows (%s): the database is as it was', async (name, problem) => {
    const before = await digest()
    const result = await migrate(name)
    expect(result).toMatchObject({ outcome: 'rolled back', switchMs: null })
    expect(result.problems).toEqual([expect.stringMatching(problem)])
    expect(await digest()).toEqual(before)
    expect(ask(countLeftovers)).toEqual([0])
  })

  test.each([
    ['catch up', 'rolled back'],
    ['switch', 'MIGRATION_FAILED'],
  ] as const)('finds rows written before «%s» that the migration does not take', async (at, outcome) => {
    const other = new NativeConnection(path)
    const result = await migrate('unique', (step) => {
      if (step !== at) return
      for (const index of [1, 2]) other.scriptSync(insertEvaluation(numberedUuid(index), 'dup'))
    }).catch((error: unknown) => error)
    other.close()
    if (at === 'switch') {
      const message = expect.stringMatching(/unique\/up.sql:1 .* failed, nothing was changed: .*UNIQUE/)
      expect(result).toMatchObject({ code: outcome, message })
    } else {
      expect(result).toMatchObject({
        outcome,
        problems: [expect.stringMatching(/^rows written meanwhile: .*UNIQUE/)],
      })
    }
    expect(ask(`SELECT count(*) FROM evaluations WHERE test_suite_id = 'dup'`)).toEqual([2])
    expect(ask(selectRecorded)).toEqual(['initial'])
    expect(ask(countLeftovers)).toEqual([0])
  })

  test('a statement that fails on the branch is named as migrate up names it', async () => {
    const before = await digest()
    await expect(migrate('broken')).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(
        /^migrations\/broken\/up.sql:2 \(CREATE INDEX b1 [^\n]*no such table[^\n]*$/,
      ),
    })
    expect(await digest()).toEqual(before)
    expect(ask(countLeftovers)).toEqual([0])
  })

  test('gives way to another that took over, and leaves it alone', async () => {
    const result = migrate('binary-uuids', async (step) => {
      if (step !== 'validate') return
      const other = new NativeConnection(path)
      for (const sql of [...(await stopCapture(other)), ...startCapture([], 'another')]) other.scriptSync(sql)
      other.close()
    })
    await expect(result).rejects.toMatchObject({
      message: expect.stringMatching(/another online migration took over/),
    })
    expect(ask('SELECT row_key FROM forgebench_changes')).toEqual(['another'])
    expect(ask(selectRecorded)).toEqual(['initial'])
  })

  test('refuses what would not be online, each in one line with the fix', async () => {
    await expect(migrate('binary-uuids', undefined, 0)).rejects.toMatchObject({
      code: 'ONLINE_LOCK',
      exit: 2,
      message: expect.stringMatching(
        /nobody could write; nothing was changed, allow it with --max-lock-seconds/,
      ),
    })
    inFile((connection) => connection.scriptSync('CREATE VIRTUAL TABLE words USING fts5 (word)'))
    const { status, stderr } = await run('binary-uuids')
    expect(stderr).toMatch(/should not be there|virtual table/)
    expect(status).toBe(2)
    expect(ask(countLeftovers)).toEqual([0])
  })

  test('refuses a file in which writers would wait for the copy', async () => {
    inFile((connection) => connection.scriptSync('PRAGMA journal_mode = DELETE'))
    await expect(migrate('binary-uuids')).rejects.toMatchObject({ code: 'ONLINE_JOURNAL', exit: 2 })
  })

  const run = (...args: readonly string[]): Promise<Ended> =>
    forgebenchHere(['migrate', 'online', ...args, '--db', path], project)

  test('the command says what it did; --dry-run changes nothing; a scenario is asked on the branch', async () => {
    const tried = await run('composite-indexes', '--dry-run', '--scenario', 'indexes/composite')
    expect(tried.stdout).toMatch(/^validated: 3440 rows/m)
    expect(tried.stdout).toMatch(/^composite-indexes: right on the branch; nothing was changed$/m)
    expect(tried.stdout).toMatch(/^Q1: .*idx_/m)
    expect(tried.status).toBe(0)
    expect(ask(selectRecorded)).toEqual(['initial'])
    const lost = await run('lossy')
    expect(lost.stdout).toMatch(
      /^✗ lossy: test_results would have .*\nrolled back: the database is as it was$/m,
    )
    expect(lost.status).toBe(1)
    const done = await run('composite-indexes', '--json')
    expect(JSON.parse(done.stdout)).toMatchObject({ id: 'composite-indexes', outcome: 'switched' })
    expect((await run('composite-indexes')).stdout).toBe('composite-indexes: applied before\n')
  })

  test.each(onlineSteps)(
    'killed at «%s» it leaves a whole database, and the next call ends it',
    async (step) => {
      const killed = await forgebench(['migrate', 'online', 'binary-uuids', '--db', path], {
        ...project,
        onStderr: (text, child) => {
          if (text.includes(`${step}…`)) child.kill('SIGKILL')
        },
      })
      expect(killed.status).toBeNull()
      const [rows, binary] = ask('SELECT count(*), sum(length(id) = 16) FROM evaluations')
      expect(rows).toBe(300)
      expect([0, 300]).toContain(binary)
      expect(ask(selectRecorded)).toEqual(binary === 0 ? ['initial'] : ['initial', 'binary-uuids'])
      expect(ask('PRAGMA integrity_check')).toEqual(['ok'])
      expect(await run('binary-uuids')).toMatchObject({ status: 0 })
      expect(ask('SELECT sum(length(id) = 16) FROM evaluations')).toEqual([300])
      expect(ask(countLeftovers)).toEqual([0])
    },
  )
})
