import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explainQueryPlan } from '../target/explain.ts'
import { NativeConnection } from '../target/native.ts'
import { applyPlan, planUp } from './apply.ts'
import { readMigrations } from './migration.ts'
import { describePlan, planChange, planFingerprint, readPlan, sortsRows, type PlanNode } from './plan.ts'
import { migrationsFolder } from '../reference/migrations-folder.ts'

const q1 = `SELECT * FROM prompts WHERE user_id = ? AND status = 'active' AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`
const list = `SELECT id, title, created_at, updated_at FROM prompts WHERE user_id = ? AND status = 'active' AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`
const q2 = 'SELECT * FROM evaluations WHERE prompt_id = ? ORDER BY created_at DESC LIMIT 5'
const q3 = 'SELECT AVG(score) FROM test_results WHERE evaluation_id = ? AND passed = TRUE'
const running = 'SELECT id FROM evaluations WHERE prompt_id = ? AND status = ? ORDER BY created_at DESC'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-plan-'))
const variants = [
  'initial',
  'composite-indexes',
  'composite-indexes-better',
  'covering-index',
  'covering-index-better',
  'partial-indexes',
  'partial-indexes-better',
]
const explain = (variant: string, sql: string, ...args: string[]): readonly PlanNode[] =>
  readPlan(explainQueryPlan(join(folder, `${variant}.db`), sql, args))

beforeAll(async () => {
  const migrations = await readMigrations(migrationsFolder)
  for (const variant of variants) {
    const connection = new NativeConnection(join(folder, `${variant}.db`), {
      pragmas: ['PRAGMA synchronous = OFF'],
    })
    await applyPlan(connection, await planUp(connection, migrations, ['initial', variant]))
    connection.close()
  }
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('plans of the review, without statistics', () => {
  it.each<[string, string, string[], string]>([
    ['initial', q1, ['u'], 'SEARCH prompts USING idx_prompts_status (status=?); SORT FOR ORDER BY'],
    [
      'composite-indexes',
      q1,
      ['u'],
      'SEARCH prompts USING idx_prompts_user_status_created (user_id=? AND status=?)',
    ],
    [
      'composite-indexes-better',
      q1,
      ['u'],
      'SEARCH prompts USING idx_prompts_user_active_created (user_id=? AND status=?)',
    ],
    [
      'partial-indexes',
      q1,
      ['u'],
      'SEARCH prompts USING idx_prompts_active_only (user_id=? AND status=?); SORT FOR ORDER BY',
    ],
    [
      'covering-index',
      list,
      ['u'],
      'SEARCH prompts USING COVERING idx_prompts_list_covering (user_id=? AND status=? AND deleted_at=?); SORT FOR ORDER BY',
    ],
    [
      'covering-index-better',
      list,
      ['u'],
      'SEARCH prompts USING COVERING idx_prompts_active_list_covering (user_id=? AND status=?)',
    ],
    [
      'initial',
      q2,
      ['p'],
      'SEARCH evaluations USING idx_evaluations_prompt_id (prompt_id=?); SORT FOR ORDER BY',
    ],
    [
      'composite-indexes-better',
      q2,
      ['p'],
      'SEARCH evaluations USING idx_evaluations_prompt_created (prompt_id=?)',
    ],
    ['initial', q3, ['e'], 'SEARCH test_results USING idx_test_results_passed (passed=?)'],
    ['composite-indexes', q3, ['e'], 'SEARCH test_results USING idx_test_results_passed (passed=?)'],
    [
      'composite-indexes-better',
      q3,
      ['e'],
      'SEARCH test_results USING COVERING idx_test_results_eval_passed_score (evaluation_id=? AND passed=?)',
    ],
    [
      'partial-indexes',
      running,
      ['p', 'running'],
      'SEARCH evaluations USING idx_evaluations_running (prompt_id=?); SORT FOR ORDER BY',
    ],
    [
      'partial-indexes-better',
      running,
      ['p', 'running'],
      'SEARCH evaluations USING idx_evaluations_running_created (prompt_id=?)',
    ],
    [
      'partial-indexes-better',
      running,
      ['p', 'failed'],
      'SEARCH evaluations USING idx_evaluations_status (status=?); SORT FOR ORDER BY',
    ],
  ])('%s: %s', (variant, sql, args, expected) => {
    expect(describePlan(explain(variant, sql, ...args))).toBe(expected)
  })

  it('finds the children of a cascade by the composite indexes alone', () => {
    const plan = explain('composite-indexes-better', 'DELETE FROM prompts WHERE id = ?', 'p')
    expect(describePlan(plan)).toContain(
      'SEARCH evaluations USING COVERING idx_evaluations_prompt_created (prompt_id=?)',
    )
    expect(
      describePlan(explain('composite-indexes-better', 'DELETE FROM evaluations WHERE id = ?', 'e')),
    ).toContain('SEARCH test_results USING COVERING idx_test_results_eval_passed_score (evaluation_id=?)')
  })

  it('says in a phrase what a migration changes', () => {
    const change = (variant: string, sql: string): string =>
      planChange(explain('initial', sql, 'x'), explain(variant, sql, 'x'))
    expect(change('composite-indexes', q1)).toBe(
      'idx_prompts_status → idx_prompts_user_status_created, also by user_id, temp b-tree for ORDER BY gone',
    )
    expect(change('composite-indexes-better', q3)).toBe(
      'idx_test_results_passed → idx_test_results_eval_passed_score, also by evaluation_id, now covering',
    )
    expect(change('partial-indexes', q2)).toBe('same plan')
  })
})

it.each<[string, string]>([
  ['SELECT * FROM prompts WHERE rowid > 5', 'SEARCH prompts USING INTEGER PRIMARY KEY (rowid>?)'],
  ['SELECT * FROM prompts AS p WHERE content = 1', 'SCAN p'],
  [
    'SELECT count(DISTINCT model) FROM evaluations',
    'SORT FOR count(DISTINCT); SCAN evaluations USING COVERING idx_evaluations_provider_model',
  ],
  [
    'SELECT * FROM prompts WHERE user_id = 1 OR parent_id = 2',
    'MULTI-INDEX OR; MULTI-INDEX OR branch; SEARCH prompts USING idx_prompts_user_id (user_id=?); MULTI-INDEX OR branch; SEARCH prompts USING idx_prompts_parent_id (parent_id=?)',
  ],
  [
    'SELECT id FROM prompts WHERE content = 1 UNION SELECT id FROM evaluations WHERE model = 2',
    'COMPOUND QUERY; LEFT-MOST SUBQUERY; SCAN prompts; UNION USING TEMP B-TREE; SCAN evaluations',
  ],
  [
    'SELECT (SELECT count(*) FROM evaluations AS e WHERE e.prompt_id = p.id) FROM prompts AS p',
    'SCAN p USING COVERING sqlite_autoindex_prompts_1; CORRELATED SUBQUERY; SEARCH e USING COVERING idx_evaluations_prompt_id (prompt_id=?)',
  ],
  [
    'SELECT id FROM prompts WHERE content IN (SELECT template FROM prompt_templates)',
    'SCAN prompts; LIST-SUBQUERY; SCAN prompt_templates',
  ],
  [
    'WITH RECURSIVE tree(id) AS (SELECT ? UNION ALL SELECT p.id FROM prompts AS p JOIN tree ON p.parent_id = tree.id) SELECT * FROM tree',
    'CO-ROUTINE tree; SETUP; SCAN CONSTANT ROW; RECURSIVE STEP; SCAN tree; SEARCH p USING idx_prompts_parent_id (parent_id=?); SCAN tree',
  ],
  [
    'SELECT p.id FROM prompts AS p LEFT JOIN prompt_templates AS t ON t.template = p.content AND t.usage_count + 0 > 5',
    'SCAN p; SEARCH t USING AUTOMATIC PARTIAL COVERING (template=?) LEFT-JOIN',
  ],
  ['SELECT value FROM json_each(?)', 'SCAN json_each USING VIRTUAL 1:'],
  [
    'SELECT * FROM evaluations ORDER BY created_at, id',
    'SCAN evaluations USING idx_evaluations_created_at; SORT FOR RIGHT PART OF ORDER BY',
  ],
])('reads %s', (sql, expected) => {
  const args = sql.includes('?') ? ['[]'] : []
  expect(describePlan(explain('initial', sql, ...args))).toBe(expected)
})

it('reads a bloom filter', () => {
  const [node] = readPlan([{ id: 1, parent: 0, detail: 'BLOOM FILTER ON t (a=? AND b=?)' }])
  expect(node).toEqual({ kind: 'bloom-filter', table: 't', columns: ['a=', 'b='], depth: 0 })
})

it('has one fingerprint for one plan, whatever its row ids are', () => {
  const rows = [
    { id: 4, parent: 0, detail: 'SCAN (subquery-3)' },
    { id: 9, parent: 4, detail: 'SCALAR SUBQUERY 2' },
  ]
  const others = [
    { id: 7, parent: 0, detail: 'SCAN (subquery-1)' },
    { id: 8, parent: 7, detail: 'SCALAR SUBQUERY 5' },
  ]
  expect(planFingerprint(readPlan(rows))).toBe(planFingerprint(readPlan(others)))
  expect(planFingerprint(readPlan(rows))).not.toBe(planFingerprint(readPlan(rows.slice(0, 1))))
})

it('keeps what it does not know and never throws', () => {
  expect(readPlan([{ id: 1, parent: 0, detail: 'TELEPORT prompts' }])).toEqual([
    { kind: 'other', text: 'TELEPORT prompts', depth: 0 },
  ])
  const words = fc.constantFrom(
    'SEARCH',
    'SCAN',
    'USING',
    'COVERING',
    'INDEX',
    'AUTOMATIC',
    'USE TEMP B-TREE FOR',
    '(',
    ')',
    'a=?',
    'LEFT-JOIN',
  )
  const detail = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(words, fc.string())).map((parts) => parts.join(' ')),
  )
  const row = fc.record({ id: fc.nat(9), parent: fc.nat(9), detail })
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (before, after) => {
      const plans = [readPlan(before), readPlan(after)] as const
      expect(plans[0]).toHaveLength(before.length)
      for (const plan of plans) {
        expect(typeof sortsRows(plan)).toBe('boolean')
        expect(describePlan(plan)).not.toBe('')
      }
      expect(planChange(...plans)).not.toBe('')
    }),
  )
})
