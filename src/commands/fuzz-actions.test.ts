import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { pathsOf, sourceWith } from '../../fixtures/fuzz/source-with.ts'
import { sampleGateRun } from '../../fixtures/runs/sample-gate-run.ts'
import { sampleLoadRun } from '../../fixtures/runs/sample-load-run.ts'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import { formatNames } from '../report/formats.ts'
import { failureLine } from './failure.ts'
import { program } from './program.ts'

/** Cases of each kind; `npm run fuzz` asks for more, and `FUZZ_SEED` other ones. */
const cases = Math.ceil(Number(process.env['FUZZ_CASES'] ?? 120) / 2)
const seed = Number(process.env['FUZZ_SEED'] ?? 20261129)
const settings = { numRuns: cases, seed } as const

const root = mkdtempSync(join(tmpdir(), 'forgebench-fuzz-actions-'))
const home = process.cwd()
let folders = 0
afterAll(() => {
  process.chdir(home)
  rmSync(root, { recursive: true, force: true })
})
beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

/**
 * Runs a command as a shell would, with these files in its folder: whatever they hold, a failure is told without a stack.
 * Returns how it ended.
 */
async function endOf(args: readonly string[], files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, String(folders++))
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  process.chdir(folder)
  try {
    await (await program(args[0])).parseAsync(args, { from: 'user' })
    expect([0, 1, 3, 4, 5]).toContain(process.exitCode ?? 0)
    return 'ended'
  } catch (error) {
    const { line, exit } = failureLine(error)
    expect(line, String(error instanceof Error ? error.stack : error)).not.toContain('internal error')
    expect([0, 2, 3, 4, 5]).toContain(exit)
    return `exit ${exit}: ${line}`
  } finally {
    process.exitCode = undefined
    process.chdir(root)
    rmSync(folder, { recursive: true, force: true })
  }
}

const expectTold = async (...given: Parameters<typeof endOf>): Promise<void> => void (await endOf(...given))

/** Sources of values that no file should hold where they are put. */
const strangers = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    'undefined',
    'NaN',
    '-1',
    '1e308',
    '10n',
    "Symbol('x')",
    "'\\0'",
    "'\\ud800'",
    "'\\u001b[2J'",
    "'::error::x'",
    "'x'.repeat(100_000)",
    '[,]',
    '[[[]]]',
    'new Date(NaN)',
    'new Map([[1, 2]])',
    'Object.create(null)',
    "{ get then() { throw new Error('no') } }",
    "new Proxy({}, { get() { throw new Error('no') } })",
    'class {}',
    '() => undefined',
    '() => { throw null }',
    '() => { throw { toString() { throw 1 } } }',
    'async () => { throw new Error("late") }',
    '(() => { const a = []; a.push(a); return a })()',
  ),
)

const claims = {
  'claims.json':
    '{ "claims": [{ "id": "C1", "source": "a talk", "statement": "an index", "claimed": "−50 %" }] }',
}

const scenario = {
  title: 'Does an index help?',
  why: 'A user asked.',
  claims: [
    {
      claim: 'C1',
      parts: [
        {
          variant: 'index',
          versus: 'baseline',
          claimed: { from: -0.5, to: -0.7 },
          measure: 'time',
          quantile: 'p50',
          operation: 'q',
        },
      ],
    },
  ],
  statistics: ['analyzed'],
  variants: [
    { id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] },
    { id: 'index', title: 'one index', role: 'alternative', migrations: ['composite-indexes'] },
  ],
  operations: [
    {
      kind: 'read',
      id: 'q',
      title: 'by title',
      sql: 'SELECT id FROM prompts WHERE title = ? ORDER BY id',
      draw: { table: 'prompts', columns: ['title'] },
      args: (row: readonly unknown[]) => row,
      rows: { min: 1, max: 20 },
      orderedBy: ['id'],
    },
  ],
  budgets: [{ variant: 'index', operation: 'q', p95Us: 5000 }],
}

const profile = {
  title: 'Things',
  why: 'A test.',
  requests: [
    { id: 'list', title: 'a list', method: 'GET', path: () => '/items', status: 200 },
    { id: 'make', title: 'one', method: 'POST', path: () => '/items', body: () => ({ a: 1 }), status: 201 },
  ],
  mixes: { all: { list: 3, make: 1 } },
  thinkMs: { from: 0, to: 1 },
  stages: [{ seconds: 1, level: 1 }],
  thresholds: {
    http_req_duration: ['p(95)<200', { threshold: 'p(99)<900', abortOnFail: true, delayAbortEval: '1s' }],
    'http_req_failed{op:list}': ['rate<0.1'],
  },
}

const config = {
  load: { allowHosts: ['staging.example.org'] },
  gate: {
    budgets: { own: [{ variant: 'index', operation: 'q', p95Us: 5000 }] },
    thresholds: { http_req_failed: ['rate<0.1'] },
  },
}

const mutated = (value: object): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...pathsOf(value)), strangers)
    .map(([path, stranger]) => `export default ${sourceWith(value, path, stranger)}\n`)

/** Nothing listens there: what is valid ends with exit code 5 before anything is sent. */
const deadTarget = ['--url', 'http://127.0.0.1:1', '--no-floor', '--max-requests', '1']
const load = ['load', ...deadTarget, '--profile', './own.ts', '--rate', '1', '--duration', '1']
const valid = `export default ${sourceWith(profile, null, '')}\n`

test('what is changed is valid before: the files are listed, and the load ends at a target that is not there', async () => {
  const files = { ...claims, 'own.ts': `export default ${sourceWith(scenario, null, '')}\n` }
  expect(await endOf(['list', './own.ts'], files)).toBe('ended')
  expect(
    await endOf(load, {
      'own.ts': valid,
      'forgebench.config.ts': `export default ${sourceWith(config, null, '')}\n`,
    }),
  ).toMatch(/^exit 5: /)
})

describe('no file of a user ends a command with a stack trace', () => {
  test('a scenario', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(scenario), (text) =>
        expectTold(['list', './own.ts'], { ...claims, 'own.ts': text }),
      ),
      settings,
    )
  })

  test('a load profile', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(profile), async (text) => {
        await expectTold(['list', './own.ts'], { 'own.ts': text })
        await expectTold(load, { 'own.ts': text })
      }),
      { ...settings, numRuns: Math.ceil(cases / 2) },
    )
  })

  test('a configuration', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(config), (text) =>
        expectTold(load, { 'own.ts': valid, 'forgebench.config.ts': text }),
      ),
      { ...settings, numRuns: Math.ceil(cases / 2) },
    )
  })

  test('text that is no module at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) =>
        expectTold(['list', './own.ts'], { 'own.ts': text }),
      ),
      { ...settings, numRuns: Math.ceil(cases / 4) },
    )
  })

  test.each([
    ['of scenarios', sampleRun()],
    ['of a load', sampleLoadRun()],
    ['of a gate', sampleGateRun()],
  ] as const)('a Run %s', async (_, run) => {
    const paths = pathsOf(run)
    const stranger = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 0, 0.5, 1e308, 2 ** 53, null, [], {}, '\0'))
    const change = fc.tuple(fc.constantFrom(...paths), stranger)
    const verbs = fc.oneof(
      fc.constantFrom(...formatNames).map((name) => ['report', 'run.json', '--format', name]),
      fc.constant(['report', 'run.json', '--json', 'again.json']),
      fc.constant(['gate', 'judge', 'run.json']),
    )
    await fc.assert(
      fc.asyncProperty(change, verbs, ([path, value], args) =>
        expectTold(args, { 'run.json': sourceWith(run, path, JSON.stringify(value)) }),
      ),
      { ...settings, numRuns: Math.ceil(cases / 2) },
    )
  })
})

/** Words that a shell may hand over; paths only below the folder of the case. */
const words = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('/')),
  fc.constantFrom('', '-', '--', '--json', '--out', '--db', '--baseline', '--to', '--force', '--format'),
  fc.constantFrom(
    '0',
    '-1',
    '1e2',
    '\0',
    'file:',
    'file:?x',
    'file:x.db',
    ':memory:',
    'http://[',
    'libsql://x?y',
  ),
  fc.constantFrom(
    'own.ts',
    './own.ts',
    'run.json',
    'json',
    'markdown',
    'composite-indexes',
    'x'.repeat(5000),
  ),
)

test.each([
  [['list']],
  [['report']],
  [['report', 'run.json']],
  [['gate', 'judge', 'run.json']],
  [['migrate', 'status']],
  [['load', ...deadTarget]],
])('no command line ends with a stack trace that does what it says: %j', async (first) => {
  const files = { 'own.ts': valid, 'run.json': JSON.stringify(sampleLoadRun()) }
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 5 }), (more) => expectTold([...first, ...more], files)),
    { ...settings, numRuns: Math.ceil(cases / 3) },
  )
})
