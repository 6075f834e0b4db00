import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { buildOnce, forgebench, type Ended } from '../../../fixtures/cli/forgebench.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'forgebench-copy-'))
const env = { FORGEBENCH_CACHE: sharedCache }

/** The command of the copy: its own build, scenarios and migrations. */
const gate = (args: readonly string[]): Promise<Ended> =>
  forgebench(['gate', 'counters', '--out', join(copy, 'out'), ...args], {
    cwd: copy,
    env,
    cli: join(copy, 'dist', 'cli.js'),
  })

beforeAll(async () => {
  await buildOnce()
  for (const part of [
    'dist',
    'scenarios',
    'migrations',
    'fixtures',
    'package.json',
    'reports/baseline.json',
  ]) {
    cpSync(join(project, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'))
}, 120_000)
afterAll(() => rmSync(copy, { recursive: true, force: true }))

test('the committed baseline is that of the scenarios and migrations as they are', async () => {
  const { status, stdout, stderr } = await gate([])
  const hint = 'if the change is meant: npx forgebench gate save, and commit reports/baseline.json'
  expect({ status, stdout, hint }).toMatchObject({ status: 0, stdout: expect.stringMatching(/^PASS: /m) })
  expect(stdout).not.toMatch(/changed since the baseline was saved|not judged:/)
  expect(stderr).toContain('Run: ')
}, 180_000)

test('an index that is removed from a migration fails, and the plan that changed is named', async () => {
  for (const script of ['up.sql', 'down.sql']) {
    const path = join(copy, 'migrations', 'composite-indexes', script)
    const lines = readFileSync(path, 'utf8').split('\n')
    const left = lines.filter((line) => !line.includes('idx_prompts_user_status_created'))
    expect(left).toHaveLength(lines.length - 1)
    writeFileSync(path, left.join('\n'))
  }
  const { status, stdout } = await gate(['indexes/composite'])
  expect(stdout.replaceAll('\n', ' ')).toMatch(
    /indexes\/composite\/Q1 plan \(composite\)[^:]*: plan changed: SEARCH prompts USING idx_prompts_user_status_created \(user_id=\? AND status=\?\) → SEARCH prompts USING idx_/,
  )
  expect(stdout).toMatch(/lost: index idx_prompts_user_status_created on prompts/)
  expect(status).toBe(1)
}, 180_000)
