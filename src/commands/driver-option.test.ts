import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedCache } from '../../fixtures/cache/shared-cache.ts'
import { buildOnce, type Ended } from '../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../fixtures/cli/in-process.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'
import type { Run } from '../run/run.ts'
import { findSqld } from '../target/server/sqld-process.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-db-option-'))
const cache = join(cwd, 'cache')
const forgebenchIn = (...args: readonly string[]): Promise<Ended> =>
  forgebenchHere(args, { cwd, env: { FORGEBENCH_CACHE: cache } })

beforeAll(async () => {
  await buildOnce()
  mkdirSync(cache)
  await seedCache(cache)
  // With an integer among what it reads, which a client may give as another type than libSQL does.
  writeFileSync(join(cwd, 'tiny.ts'), tinyScenario.replace('SELECT ', 'SELECT version, '))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

it.each([
  ['http://127.0.0.1:8080', 'is a server of yours'],
  ['libsql://app.turso.io', 'is a server of yours'],
  ['file:app.db', 'takes no file here'],
  ['./app.db', 'takes no file here'],
  ['sqldd', 'did you mean sqld?'],
])('--db %s is refused with what to do in its place', async (db, text) => {
  const commands = [['run'], ['explain'], ['gate', 'budgets'], ['calibrate']]
  for (const command of commands) {
    const ended = await forgebenchIn(...command, './tiny.ts', '--db', db)
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(/^forgebench: --db [^\n]+\n$/)
    expect(ended.stderr).toContain(text)
  }
})

describe.skipIf((await findSqld()) === undefined)('--db on libSQL servers (needs sqld)', () => {
  const small = ['--scale', '0.01', '--max-seconds', '2', '--out', 'reports']

  it.each(['sqld', 'sqld-ws', 'replica'])(
    'run through %s: answers, plans, rows, money and times',
    async (db) => {
      const ended = await forgebenchIn(
        'run',
        './tiny.ts',
        '--db',
        db,
        '--rounds',
        '2',
        '--json',
        'run.json',
        ...small,
      )
      expect(ended.stderr).not.toContain('forgebench:')
      expect(ended.status).toBe(0)
      const run = JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as Run
      const [scenario] = run.scenarios
      expect(run.environment.drivers?.[db]).toMatchObject({
        version: expect.stringMatching(/^\d+\.\d+\.\d+ /),
        concurrency: 1,
        lacks: expect.arrayContaining([expect.stringContaining('ANALYZE')]),
      })
      expect(new Set(scenario?.variants.map(({ driver }) => driver))).toEqual(new Set([db]))
      const read = scenario?.evidence.find(
        ({ operation, variant }) => operation === 'Q1' && variant === 'composite',
      )
      expect(read?.plan.summary).toContain('idx_prompts_user_status_created')
      expect(read?.counters.rowsRead).toBeGreaterThan(0)
      expect(read?.counters.vmSteps).toBeUndefined()
      expect(scenario?.cost?.counted.length).toBe(4)
      expect(scenario?.timings.map(({ driver }) => driver)).toEqual([db, db, db, db])
      expect(ended.stdout).toContain('Rows and money a month')
      expect(ended.stdout.includes('Client, network and engine')).toBe(db !== 'replica')
      const left = readdirSync(join(cache, 'stages')).filter((name) => name.startsWith('clones-'))
      expect(left).toEqual([])
    },
  )

  it('explain asks the server', async () => {
    const ended = await forgebenchIn('explain', './tiny.ts', '--db', 'sqld', '--scale', '0.01')
    expect(ended).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('idx_prompts_user_status_created'),
    })
  })

  it('gate compare measures both sides there, and no side that is no variant', async () => {
    const sides = ['--baseline', 'variant:baseline', '--candidate', 'variant:composite']
    const ended = await forgebenchIn(
      'gate',
      'compare',
      './tiny.ts',
      ...sides,
      '--db',
      'sqld',
      '--json',
      ...small,
    )
    expect([0, 1, 3], ended.stderr).toContain(ended.status)
    const gate = JSON.parse(ended.stdout) as Pick<Run, 'environment'>
    expect(gate.environment.drivers).toHaveProperty('sqld')
    const other = ['--baseline', 'variant:baseline', '--candidate', `file:${join(cwd, 'none.db')}`]
    const refused = await forgebenchIn('gate', 'compare', './tiny.ts', ...other, '--db', 'sqld', ...small)
    expect(refused.status).toBe(2)
  })

  it('calibrate suggests budgets for them', async () => {
    const args = ['--db', 'sqld', '--rounds', '0', '--rows-read', '--scale', '0.01', '--variant', 'composite']
    const ended = await forgebenchIn('calibrate', './tiny.ts', ...args)
    expect(ended.stderr).not.toContain('forgebench:')
    expect(ended).toMatchObject({ status: 0, stdout: expect.stringContaining('rowsRead') })
  })
})
