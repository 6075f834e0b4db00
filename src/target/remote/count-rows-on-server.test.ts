import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { copySeeded } from '../../../fixtures/cache/shared-cache.ts'
import { referenceDatasets } from '../../reference/dataset.ts'
import { loadScenario } from '../../scenario/load.ts'
import type { Row } from '../connection.ts'
import { countRowsOnServer, countsPages } from './count-rows-on-server.ts'
import { NativeConnection } from '../native.ts'
import { findSqld, startSqld, type RunningSqld } from '../server/sqld-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-count-rows-'))
const path = join(folder, 'a.db')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const stats = z.object({
  rows_read_count: z.number(),
  rows_written_count: z.number(),
  query_count: z.number(),
})

describe.skipIf((await findSqld()) === undefined)('rows that a libSQL server counts (needs sqld)', () => {
  let server: RunningSqld
  let database: NativeConnection
  beforeAll(async () => {
    await copySeeded(path)
    server = await startSqld({ databasePath: path })
    database = new NativeConnection(path, { readOnly: true })
  })
  afterAll(async () => {
    database.close()
    await server.stop()
  })

  const statistics = async (): Promise<z.infer<typeof stats>> => {
    const answer = await fetch(`${server.adminUrl}/v1/namespaces/default/stats`)
    return stats.parse(await answer.json())
  }
  const drawn = (sql: string): readonly Row[] => database.querySync(sql).rows
  const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

  test.each([
    ['Q1', "SELECT user_id, status FROM prompts WHERE status = 'active' LIMIT 10"],
    ['Q2', 'SELECT prompt_id FROM evaluations LIMIT 10'],
    ['Q3', 'SELECT evaluation_id FROM test_results GROUP BY 1 LIMIT 10'],
  ])('of %s are those of its own statistics', async (id, args) => {
    const { scenario } = await loadScenario('indexes/composite', referenceDatasets)
    const sql = scenario.operations.find((operation) => operation.id === id)?.sql ?? ''
    const before = await statistics()
    const counted = await countRowsOnServer(server.url, { sql, argsList: drawn(args) })
    const after = await statistics()
    expect(counted).toHaveLength(10)
    const rowsRead = sumOf(counted.map((each) => each.rowsRead))
    expect(rowsRead).toBeGreaterThan(0)
    expect(after.rows_read_count - before.rows_read_count).toBe(rowsRead)
    expect(after.rows_written_count).toBe(before.rows_written_count)
  })

  test('of a write are those of its own statistics, with an entry of each index; and the write is taken back', async () => {
    const argsList = drawn('SELECT status, id FROM prompts LIMIT 5')
    const sql = "UPDATE prompts SET status = ? || 'x' WHERE id = ?"
    const asked = 'SELECT group_concat(status) FROM prompts ORDER BY rowid'
    const before = await statistics()
    const counted = await countRowsOnServer(server.url, { sql, argsList, undo: true })
    const after = await statistics()
    const rowsWritten = sumOf(counted.map((each) => each.rowsWritten))
    // The row, and its entry in the index on status at the least.
    expect(rowsWritten).toBeGreaterThanOrEqual(2 * argsList.length)
    expect(after.rows_written_count - before.rows_written_count).toBe(rowsWritten)
    const again = await countRowsOnServer(server.url, { sql, argsList, undo: true })
    expect(again.map((each) => each.rowsWritten)).toEqual(counted.map((each) => each.rowsWritten))
    const response = await fetch(`${server.url}/v3/pipeline`, {
      method: 'POST',
      body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql: asked } }, { type: 'close' }] }),
    })
    const [[status]] = database.querySync(asked).rows as [[string]]
    expect(JSON.stringify(await response.json())).toContain(JSON.stringify(status))
  })

  test('differ from documented bills where it says so: pages for count(*), nothing for SELECT 1', async () => {
    const count = async (sql: string): Promise<number | undefined> =>
      (await countRowsOnServer(server.url, { sql, argsList: [[]] }))[0]?.rowsRead
    const [[rows]] = drawn('SELECT count(*) FROM test_results') as [[number]]
    expect(await count('SELECT count(*) FROM test_results')).toBeLessThan(rows / 10)
    expect(await count('SELECT count(*) FROM test_results WHERE score >= 0')).toBe(rows)
    expect(await count('SELECT 1')).toBe(0)
    expect(await countsPages(server.url, 'SELECT count(*) FROM test_results', [])).toBe(true)
    expect(await countsPages(server.url, 'SELECT count(*) FROM test_results WHERE score >= ?', [0])).toBe(
      false,
    )
  })

  test('are refused in one line where the statement is', async () => {
    const refusal = countRowsOnServer(server.url, { sql: 'SELEC 1', argsList: [[]] })
    await expect(refusal).rejects.toMatchObject({ code: 'TARGET_ROWS_READ', exit: 5 })
    await expect(refusal).rejects.toThrow(/^sqld cannot count rows: [^\n]+$/)
  })
})
