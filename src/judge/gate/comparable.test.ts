import { describe, expect, test } from 'vitest'
import { sampleComparison } from '../../../fixtures/runs/sample-comparison.ts'
import { sampleLoadRun } from '../../../fixtures/runs/sample-load-run.ts'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import type { Run, ScenarioRun } from '../../run/run.ts'
import { counterDifferences, differencesInWords, setDifferences } from './comparable.ts'

const stored = sampleRun()
const withScenario = (change: (scenario: ScenarioRun) => Partial<ScenarioRun>): Run => ({
  ...stored,
  scenarios: stored.scenarios.map((scenario) => ({ ...scenario, ...change(scenario) })),
})
const withEngine = (engine: Partial<Run['environment']['engine']>): Run => ({
  ...stored,
  environment: { ...stored.environment, engine: { ...stored.environment.engine, ...engine } },
})
const words = (run: Run): string => differencesInWords(counterDifferences(stored, run))
const saveAgain = '(save the baseline again with forgebench gate save)'

describe('counters are compared', () => {
  test.each<[string, Run]>([
    [
      'of Runs from another machine, with another client and other rounds',
      {
        ...withEngine({ client: '9.9.9' }),
        settings: { ...stored.settings, analyses: [] },
      },
    ],
    [
      'when migrations changed: they are what is judged',
      withScenario(({ variants }) => ({
        variants: variants.map((variant) => ({
          ...variant,
          migrations: ['other'],
          fileBytes: 1,
          objects: [],
        })),
      })),
    ],
    ['when the file changed and its operations did not', withScenario(() => ({ fileDigest: 'other' }))],
    [
      'where one has an operation or a variant more',
      withScenario(({ variants, operations }) => ({
        variants: variants.slice(1),
        operations: operations.slice(1),
      })),
    ],
  ])('%s', (_, run) => expect(words(run)).toBe(''))
})

describe('counters are not compared', () => {
  test.each<[string, Run, string]>([
    ['sqlite', withEngine({ sqlite: '3.46.1' }), `SQLite: 3.46.1 against 3.45.1 ${saveAgain}`],
    ['libsql', withEngine({ libsql: '0.6.0' }), `libsql: 0.6.0 against 0.5.29 ${saveAgain}`],
    [
      'seed and scale',
      { ...stored, settings: { ...stored.settings, seed: 2, scale: 0.25 } },
      'seed: 2 against 1 (measure with --seed 1); scale: 0.25 against 0.1 (measure with --scale 0.1)',
    ],
    [
      'data',
      withScenario(() => ({ dataDigests: { v4: 'd'.repeat(64) } })),
      `indexes/sample: data (v4) differs ${saveAgain}`,
    ],
    [
      'statements',
      withScenario(({ operations }) => ({
        operations: operations.map((operation) => ({ ...operation, sql: `${operation.sql} -- other` })),
      })),
      `indexes/sample: statement of Q1 differs, indexes/sample: statement of Q2 differs, indexes/sample: statement of insert differs ${saveAgain}`,
    ],
    [
      'executions, of Runs that do not know their arguments',
      withScenario(({ evidence }) => ({ evidence: evidence.map((found) => ({ ...found, executions: 24 })) })),
      expect.stringMatching(
        /^indexes\/sample: arguments of Q1: 24 executions against 64 executions, /,
      ) as string,
    ],
    [
      'scenarios',
      withScenario(() => ({ id: 'mine' })),
      `no scenario in common: mine against indexes/sample ${saveAgain}`,
    ],
  ])('of other %s, which are named with the fix', (_, run, expected) => expect(words(run)).toEqual(expected))

  test('with other arguments for the same statement, once an operation', () => {
    const asked = (digest: string): Run =>
      withScenario(({ evidence }) => ({
        evidence: evidence.map((found) => ({ ...found, argumentsDigest: digest })),
      }))
    const differences = counterDifferences(asked('0123456789abcdef'), asked('fedcba9876543210'))
    expect(differences.map(({ what }) => what)).toEqual([
      'indexes/sample: arguments of Q1 differs',
      'indexes/sample: arguments of Q2 differs',
      'indexes/sample: arguments of insert differs',
    ])
  })
})

describe('several Runs are judged together', () => {
  test('when they are alike, though measured at other times', () => {
    expect(setDifferences([stored, { ...stored, id: 'x', startedAt: '2026-11-25T00:00:00.000Z' }])).toEqual(
      [],
    )
    expect(setDifferences([])).toEqual([])
    expect(setDifferences([sampleLoadRun(), sampleLoadRun()])).toEqual([])
  })

  test.each([
    ['kind', [stored, sampleLoadRun()], 'kind of Run: load against scenarios (judge each kind on its own)'],
    [
      'kind of load',
      [sampleLoadRun(), sampleComparison()],
      expect.stringContaining('kind of Run: ') as string,
    ],
    [
      'scenario',
      [stored, withScenario(() => ({ id: 'mine' }))],
      'scenarios: mine against indexes/sample (judge each scenario on its own)',
    ],
    [
      'scenario file',
      [stored, withScenario(() => ({ fileDigest: 'd'.repeat(64) }))],
      'indexes/sample: its file differs (measure all of them alike)',
    ],
    [
      'engine',
      [stored, withEngine({ sqlite: '3.46.1' })],
      expect.stringContaining('SQLite: 3.46.1') as string,
    ],
    [
      'load settings',
      [sampleLoadRun(), { ...sampleLoadRun(), settings: { ...sampleLoadRun().settings, connections: 7 } }],
      expect.stringContaining('settings differs') as string,
    ],
  ])('but not of another %s', (_, runs, expected) =>
    expect(differencesInWords(setDifferences(runs))).toEqual(expected),
  )
})
