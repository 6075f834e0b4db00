import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import fc from 'fast-check'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { pathsOf, type Path } from '../../fixtures/fuzz/source-with.ts'
import { sampleLoadRun } from '../../fixtures/runs/sample-load-run.ts'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import { ForgebenchError } from '../core/errors.ts'
import { judgeRun } from '../judge/judge-run.ts'
import { formatNames, formats } from '../report/formats.ts'
import { parseRun } from '../run/read.ts'
import { checkProfile } from '../scenario/load-profile/load-profile-check.ts'
import { checkScenario } from '../scenario/check.ts'
import { failureLine } from './failure.ts'
import { program } from './program.ts'

/** Cases of each kind; `npm run fuzz` asks for more, and `FUZZ_SEED` other ones. */
const cases = Number(process.env['FUZZ_CASES'] ?? 120)
const seed = Number(process.env['FUZZ_SEED'] ?? 20261128)
const settings = { numRuns: cases, seed } as const

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-fuzz-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** What any failure must be: one of ours, or commander's, told without a stack. */
function expectTold(error: unknown): void {
  const { line, exit } = failureLine(error)
  expect(line, String(error instanceof Error ? error.stack : error)).not.toContain('internal error')
  expect([0, 2, 3, 4, 5]).toContain(exit)
}

const nasty = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '-',
    '--',
    '0x10',
    '1e2',
    '1.5',
    '-1',
    'NaN',
    'Infinity',
    '99999999999999999999',
    '\0',
    '=',
    '../..',
    'file:',
    'file:?x',
    'file://%',
    'http://',
    'http://[',
    'libsql://x?y',
    ':memory:',
    '/dev/full',
    '/proc/x',
    'x'.repeat(5000),
  ),
)

const verbs = [
  'run',
  'list',
  'explain',
  'migrate',
  'statistics',
  'seed',
  'serve',
  'load',
  'gate',
  'calibrate',
  'report',
]

/** The options of a command, and those below it with theirs. */
const wordsOf = (command: Command): readonly string[] => [
  ...command.options.map(({ long, short }) => long ?? short ?? ''),
  ...command.commands.flatMap((child) => [child.name(), ...wordsOf(child)]),
]

describe('no input ends with a stack trace', () => {
  test.each(verbs)('on the command line of %s', async (verb) => {
    const known = (await program(verb)).commands.filter((command) => command.name() === verb).flatMap(wordsOf)
    const words = fc.array(fc.oneof(nasty, fc.constantFrom(...known, '--help')), { maxLength: 8 })
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
    await fc.assert(
      fc.asyncProperty(words, async (args) => {
        const root = await program(verb)
        // Options are read and checked; what the command does is for the tests of the command.
        const inert = (command: Command): void => {
          if (command.commands.length === 0) command.action(() => undefined)
          command.commands.forEach(inert)
        }
        root.commands.forEach(inert)
        await root.parseAsync([verb, ...args], { from: 'user' }).catch(expectTold)
      }),
      { ...settings, numRuns: Math.ceil(cases / 4) },
    )
    vi.restoreAllMocks()
  })

  const attempt = (work: () => unknown): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ForgebenchError)) throw error
    }
  }

  test('in a scenario or a load profile', () => {
    const value = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true })
    const names = [
      'title',
      'why',
      'claims',
      'statistics',
      'variants',
      'operations',
      'budgets',
      'mixes',
      'requests',
      'data',
    ]
    const scenario = fc.oneof(
      value,
      fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(value))),
    )
    fc.assert(
      fc.property(scenario, (each) => {
        attempt(() => checkScenario(each, 'own.ts', { path: undefined, claims: [] }))
        attempt(() => checkProfile(each, 'own.ts'))
      }),
      settings,
    )
  })

  test.each([
    ['a Run', sampleRun()],
    ['a load Run', sampleLoadRun()],
  ] as const)('in %s that somebody changed', (_, run) => {
    const paths = pathsOf(run)
    const change = fc.tuple(
      fc.constantFrom(...paths),
      fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 0, 1e308, null, [], {})),
    )
    fc.assert(
      fc.property(change, fc.constantFrom(...formatNames), ([path, value], format) => {
        attempt(() => {
          const judged = judgeRun(parseRun(JSON.stringify(withValueAt(run, path, value)), 'changed.json'))
          formats[format](judged, { files: {}, color: false, width: 80 })
        })
      }),
      settings,
    )
  })
})

function withValueAt(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >
  copy[key] = withValueAt(copy[key], rest, replacement)
  return copy
}
