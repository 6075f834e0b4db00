import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedCache } from '../../fixtures/cache/shared-cache.ts'
import { buildOnce, type Ended } from '../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../fixtures/cli/in-process.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-explain-'))
const explain = (...args: readonly string[]): Promise<Ended> =>
  forgebenchHere(['explain', './tiny.ts', '--scale', '0.01', ...args], {
    cwd,
    env: { FORGEBENCH_CACHE: sharedCache },
  })

beforeAll(async () => {
  writeFileSync(join(cwd, 'tiny.ts'), tinyScenario)
  await buildOnce()
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const expected = {
  scenario: 'tiny',
  operations: [
    {
      operation: 'Q1',
      variants: [
        {
          variant: 'baseline',
          change: '',
          lines: [
            'SEARCH prompts USING INDEX idx_prompts_user_id (user_id=?)',
            'USE TEMP B-TREE FOR ORDER BY',
          ],
        },
        {
          variant: 'composite',
          change: expect.stringContaining('temp b-tree for ORDER BY gone'),
          lines: ['SEARCH prompts USING INDEX idx_prompts_user_status_created (user_id=? AND status=?)'],
        },
      ],
    },
    { operation: 'rename' },
  ],
}

test('explain shows the plan of every operation on every variant, and what changed', async () => {
  const { status, stdout, stderr } = await explain()
  expect(status).toBe(0)
  expect(stdout).toMatch(/^Q1 {2}newest of a user$/m)
  expect(stdout).toMatch(/^ {2}composite {2}SEARCH prompts USING INDEX idx_prompts_user_status_created/m)
  expect(stdout).toMatch(/→ .*temp b-tree for ORDER BY gone$/m)
  expect(stdout + stderr).not.toContain('\u001b')
})

test('explain --json is pure JSON on stdout, and the same in a file', async () => {
  const { status, stdout } = await explain('--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject(expected)
  const named = await explain('--json', 'plans.json')
  expect(named.stdout).toContain('Q1  newest of a user')
  expect(readFileSync(join(cwd, 'plans.json'), 'utf8')).toBe(stdout)
})

test('explain measures nothing and leaves nothing beside its cache', async () => {
  expect(readdirSync(cwd).toSorted()).toEqual(['plans.json', 'tiny.ts'])
})
