import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { argumentTuples, drawRows, drawnCount, type DrawnRows } from '../engine/draw/draw-arguments.ts'
import { canonicalAnswer } from '../measure/answer.ts'
import { applyPlan, planUp } from '../schema/apply.ts'
import { readMigrations } from '../schema/migration.ts'
import { seedDatabase } from '../reference/seed/seed-database.ts'
import { NativeConnection } from '../target/native.ts'
import { listScenarios } from './built-in.ts'
import { loadScenario } from './load.ts'
import type { Operation, Variant } from './scenario.ts'
import { referenceDatasets } from '../reference/dataset.ts'
import { migrationsFolder } from '../reference/migrations-folder.ts'

const tuples = 40
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-built-in-'))
  for (const ids of ['v4', 'v7'] as const) {
    await seedDatabase({ path: join(folder, `${ids}.db`), scale: 0.02, seed: 7, ids, workers: 0 })
  }
})
afterAll(() => rm(folder, { recursive: true }))

async function database(variant: Variant): Promise<NativeConnection> {
  const path = join(folder, `${variant.id}-variant.db`)
  await copyFile(join(folder, `${variant.ids ?? 'v4'}.db`), path)
  const connection = new NativeConnection(path, {
    pragmas: ['PRAGMA synchronous = OFF', 'PRAGMA journal_mode = MEMORY'],
  })
  await applyPlan(
    connection,
    await planUp(connection, await readMigrations(migrationsFolder), variant.migrations),
  )
  return connection
}

/** The answers of an operation, or the rows it changed, for every argument tuple; out of bounds is a failure. */
async function outcome(
  connection: NativeConnection,
  operation: Operation,
  drawn: DrawnRows,
): Promise<readonly string[]> {
  const answers: string[] = []
  const count = Math.min(tuples, drawnCount(drawn))
  for (const args of await argumentTuples(connection, operation, drawn, count, 1, 'a variant')) {
    if (operation.kind === 'write') {
      answers.push(`${(await connection.execute(operation.sql, args)).rowsChanged} changed`)
      continue
    }
    const answer = await connection.query(operation.sql, args)
    expect(answer.rows.length, operation.id).toBeGreaterThanOrEqual(operation.rows.min)
    expect(answer.rows.length, operation.id).toBeLessThanOrEqual(operation.rows.max)
    const { orderedBy, rows } = operation
    answers.push(
      canonicalAnswer(answer, { pageSize: rows.max, ...(orderedBy === undefined ? {} : { orderedBy }) }),
    )
  }
  return answers
}

describe('every operation of a built-in scenario runs on each of its variants', async () => {
  for (const { id } of await listScenarios()) {
    test(`${id}: rows within bounds, the same answers everywhere, each write changes one row`, async () => {
      const { scenario } = await loadScenario(id, referenceDatasets)
      const expected = new Map<string, readonly string[]>()
      const baseline = new NativeConnection(join(folder, 'v4.db'), { readOnly: true })
      for (const variant of scenario.variants) {
        const connection = await database(variant)
        for (const operation of scenario.operations) {
          const drawn = await drawRows([baseline, connection], operation, tuples, 1)
          const found = await outcome(connection, operation, drawn)
          if (operation.kind === 'write') expect(new Set(found), operation.id).toEqual(new Set(['1 changed']))
          expect(found, `${operation.id} on ${variant.id}`).toEqual(expected.get(operation.id) ?? found)
          expected.set(operation.id, found)
        }
        connection.close()
      }
      baseline.close()
    })
  }
})
