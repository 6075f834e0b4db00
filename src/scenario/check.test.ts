import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../core/errors.ts'
import { checkScenario } from './check.ts'
import { loadScenario } from './load.ts'
import type { Scenario } from './scenario.ts'
import { referenceDatasets } from '../reference/dataset.ts'

const valid = (): Scenario => ({
  title: 'Title',
  why: 'Because.',
  claims: [
    {
      claim: 'C1',
      parts: [
        {
          measure: 'time',
          quantile: 'p50',
          operation: 'Q1',
          variant: 'composite',
          versus: 'baseline',
          claimed: { from: -0.5, to: -0.7 },
        },
        {
          measure: 'bytes',
          of: 'indexes',
          variant: 'composite:no-stats',
          versus: 'baseline',
          claimed: { from: -0.1, to: -0.1 },
        },
      ],
    },
  ],
  variants: [
    { id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] },
    { id: 'composite', title: 'composite', role: 'candidate', migrations: ['composite-indexes'] },
  ],
  statistics: ['analyzed', 'none'],
  operations: [
    {
      kind: 'read',
      id: 'Q1',
      title: 'prompts of a user',
      sql: 'SELECT id, created_at FROM prompts WHERE user_id = ? ORDER BY created_at LIMIT 20;',
      draw: { table: 'prompts', columns: ['user_id'] },
      rows: { min: 1, max: 20 },
      orderedBy: ['created_at'],
    },
    {
      kind: 'write',
      id: 'drop',
      title: 'deletes',
      sql: 'DELETE FROM test_results WHERE id = ?',
      draw: { table: 'test_results', columns: ['id'] },
      statementsPerTransaction: 20,
    },
  ],
  budgets: [
    { variant: 'composite:no-stats', operation: 'Q1', vmSteps: 400, plan: ['no temp b-tree', 'uses idx_a'] },
    { variant: 'composite', operation: 'drop', walBytes: 4000 },
    { variant: 'composite', bytes: 12e6 },
  ],
})

const stated = {
  path: '/claims.json',
  claims: [{ id: 'C1', source: 'a talk', statement: 'an index', claimed: '−50 %' }],
}

const mistakesOf = (value: unknown): string => {
  try {
    checkScenario(value, 'x.ts', stated)
    return ''
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return error.message
  }
}

const withSql = (sql: string): unknown => {
  const scenario = valid()
  return { ...scenario, operations: [{ ...scenario.operations[0], sql }, scenario.operations[1]] }
}

describe('checkScenario', () => {
  test('a valid scenario comes back as it is', () => {
    const scenario = valid()
    expect(checkScenario(scenario, 'x.ts', stated)).toBe(scenario)
  })

  test('a single mistake is a single line with the path and the place', () => {
    expect(mistakesOf(withSql('SELECT id FROM prompts WHERE user_id = ? AND id = ? ORDER BY 1'))).toBe(
      'x.ts: operations[0].sql: 2 placeholders but draw gives 1 column and there is no args',
    )
  })

  test('every mistake of a file is reported, none hides another', async () => {
    const path = fileURLToPath(new URL('../../fixtures/scenarios/many-mistakes.ts', import.meta.url))
    const error = await loadScenario(path, referenceDatasets).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'SCENARIO_INVALID', exit: 2 })
    const lines = (error as Error).message.replaceAll(path, 'x.ts').split('\n')
    expect(lines).toMatchInlineSnapshot(`
      [
        "x.ts: 31 mistakes",
        "  x.ts: title: is missing",
        "  x.ts: why: must not be empty",
        "  x.ts: variants[1].migrations[0]: must be lower-case words joined by hyphens, such as covering-index",
        "  x.ts: statistics: must not be empty; leave it out for the default",
        "  x.ts: operations[1].draw.table: must be the name of a table or column",
        "  x.ts: operations[1].draw.columns: must name at least one column; args may leave it unused",
        "  x.ts: operations[1].statementsPerTransaction: unknown field here; take it out",
        "  x.ts: operations[4].statementsPerTransaction: must be at least 1",
        "  x.ts: tilte: unknown field; did you mean title?",
        "  x.ts: variants[2].id: composite is taken by variants[1]",
        "  x.ts: variants[0].role: must be baseline: the first variant is what the others are compared with",
        "  x.ts: variants[0].migrations[0]: initial is applied in any case; leave it out",
        "  x.ts: variants[1].versus: no variant nobody; did you mean composite?",
        "  x.ts: variants[2].role: is driver, but its driver is libsql, as by default; name the other one, such as driver: '@libsql/client'",
        "  x.ts: operations[0].sql: 2 placeholders but draw gives 1 column and there is no args",
        "  x.ts: operations[0].rows: min 3 is more than max 2",
        "  x.ts: operations[1].sql: 2 statements, but an operation is exactly one",
        "  x.ts: operations[2].sql: LIMIT without ORDER BY: which rows come back is undefined, so variants may rightly differ; add ORDER BY",
        "  x.ts: operations[2].sql: rows.max is 20, but LIMIT 5 returns at most 5",
        "  x.ts: operations[2].draw.where: must not hold placeholders: nothing is bound to it",
        "  x.ts: operations[3].sql: PRAGMA is not for a read, which must be SELECT, VALUES (or WITH … of these)",
        "  x.ts: operations[4].sql: SELECT is not for a write, which must be INSERT, UPDATE, DELETE, REPLACE (or WITH … of these)",
        "  x.ts: operations[4].sql: ?1: write each placeholder as a plain ?",
        "  x.ts: operations[3].id: any-rows is taken by operations[2]",
        "  x.ts: claims[0].claim: no claim C99; did you mean C1?",
        "  x.ts: claims[0].parts[0].variant: no variant composit; did you mean composite?",
        "  x.ts: claims[0].parts[0].operation: no operation Q9; did you mean reads?",
        "  x.ts: claims[0].parts[0].claimed: an improvement of time is below 0, such as -0.5 for 50 %",
        "  x.ts: claims[0].parts[0].claimed: goes from the weaker to the stronger end: swap 0.7 and 0.5",
        "  x.ts: claims[0].parts[1].versus: is the variant itself: nothing is compared",
        "  x.ts: claims[0].parts[1].measure: cache-memory is measured only with cacheMemory: true in the scenario",
      ]
    `)
  })

  test.each([
    ['EXPLAIN SELECT 1 WHERE ? ORDER BY 1', 'EXPLAIN is not for a read'],
    ['BEGIN', 'BEGIN is not for a read'],
    ['WITH x AS (SELECT 1) DELETE FROM prompts WHERE id = ?', 'DELETE is not for a read'],
    ['SELECT id FROM prompts WHERE id = :id ORDER BY id', ':id: write each placeholder as a plain ?'],
    ['-- nothing but a comment', '0 statements'],
    ['SELECT 1; SELECT 2', '2 statements'],
    ['SELECT id FROM prompts WHERE id = ?', 'orderedBy is given, but there is no ORDER BY'],
    ['SELECT (SELECT 1 ORDER BY 1) FROM prompts WHERE id = ? LIMIT 20', 'LIMIT without ORDER BY'],
    ['SELECT id FROM prompts WHERE id = ? ORDER BY id LIMIT 5', 'rows.max is 20, but LIMIT 5'],
  ])('%s: %s', (sql, mistake) => {
    expect(mistakesOf(withSql(sql))).toContain(mistake)
  })

  test.each([
    'SELECT \'?;\', "a?", [b;?] /* ? ; */ FROM prompts WHERE id = ? ORDER BY id -- ?',
    'WITH RECURSIVE a AS (SELECT ? UNION ALL SELECT 1 LIMIT 3) SELECT * FROM a ORDER BY 1',
    'SELECT id FROM prompts WHERE EXISTS (SELECT 1 LIMIT 1) AND id = ? ORDER BY id LIMIT 20 OFFSET 3',
  ])('accepts %s', (sql) => {
    expect(mistakesOf(withSql(sql))).toBe('')
  })

  test('whatever is changed in a scenario, it is valid or a UsageError', () => {
    const places = paths(valid())
    const change = fc.tuple(
      fc.constantFrom(...places),
      fc.oneof(
        fc.anything({ withBigInt: true, withSparseArray: true, withNullPrototype: true }),
        fc.constantFrom(undefined, Symbol.iterator, Number.NaN, -1, () => 1, '', 'baseline', 'none', '?'),
      ),
    )
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const scenario = valid()
        for (const [path, value] of changes) replace(scenario, path, value)
        mistakesOf(scenario)
      }),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.anything(), (value) => mistakesOf(value) !== ''))
  })
})

type Path = readonly (string | number)[]

function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Object.entries(value).flatMap(([key, child]) => paths(child, [...at, key]))
  return at.length === 0 ? [...inner, ['extra']] : [at, ...inner, [...at, 'extra']]
}

function replace(root: object, path: Path, value: unknown): void {
  let target = root as Record<string, unknown>
  for (const key of path.slice(0, -1)) {
    const next = target[key]
    if (typeof next !== 'object' || next === null) return
    target = next as Record<string, unknown>
  }
  if (!Object.isFrozen(target)) Reflect.set(target, path.at(-1) ?? '', value)
}
