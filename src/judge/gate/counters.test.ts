import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import type { GateFinding, GateVerdict } from '../../run/gate/gate-verdict.ts'
import type { Evidence, Run, ScenarioRun, VariantRun } from '../../run/run.ts'
import { judgeCounters } from './counters.ts'

const stored = sampleRun()

/** The sample with its one scenario changed. */
const withScenario = (change: (scenario: ScenarioRun) => Partial<ScenarioRun>): Run => ({
  ...stored,
  scenarios: stored.scenarios.map((scenario) => ({ ...scenario, ...change(scenario) })),
})

/** The sample with the evidence of one operation on one variant changed. */
const withEvidence = (change: (evidence: Evidence) => Partial<Evidence>, of = 'Q1', on = 'composite'): Run =>
  withScenario(({ evidence }) => ({
    evidence: evidence.map((found) =>
      found.operation === of && found.variant === on ? { ...found, ...change(found) } : found,
    ),
  }))

const withCounters = (counters: Partial<Evidence['counters']>, of = 'Q1'): Run =>
  withEvidence((found) => ({ counters: { ...found.counters, ...counters } }), of)

const withVariant = (change: (variant: VariantRun) => Partial<VariantRun>): Run =>
  withScenario(({ variants }) => ({
    variants: variants.map((variant) =>
      variant.id === 'composite' ? { ...variant, ...change(variant) } : variant,
    ),
  }))

const notable = ({ findings }: GateVerdict): readonly GateFinding[] =>
  findings.filter(({ status }) => status !== 'pass')

describe('counters that are as before', () => {
  test('pass, with one finding for each operation on each variant, and one for the sizes of each variant', () => {
    const { status, findings, notes } = judgeCounters(stored, stored)
    const [scenario] = stored.scenarios
    expect({ status, notes }).toEqual({ status: 'pass', notes: [] })
    expect(findings).toHaveLength((scenario?.evidence.length ?? 0) + (scenario?.variants.length ?? 0))
    expect(new Set(findings.map(({ status, kind }) => `${status} ${kind}`))).toEqual(
      new Set(['pass counter']),
    )
  })
})

describe('more work', () => {
  test.each(['vmSteps', 'fullScanSteps', 'sorts', 'autoIndexRows'] as const)('fails: %s', (metric) => {
    const { status, findings } = judgeCounters(stored, withCounters({ [metric]: 1_000_000 }))
    expect(status).toBe('fail')
    expect(findings[0]).toMatchObject({ metric, operation: 'Q1', variant: 'composite', status: 'fail' })
  })

  test('fails by a single step, and by a byte written to the log', () => {
    const steps = stored.scenarios[0]?.evidence.find(
      ({ operation, variant }) => operation === 'Q1' && variant === 'composite',
    )?.counters.vmSteps
    expect(judgeCounters(stored, withCounters({ vmSteps: (steps ?? 0) + 1 })).status).toBe('fail')
    expect(notable(judgeCounters(stored, withCounters({ walBytes: 1_703_937 }, 'insert')))).toMatchObject([
      { metric: 'walBytes', status: 'fail', baseline: { value: 1_703_936, unit: 'bytes' } },
    ])
  })
})

describe('less work', () => {
  test('is an improvement where plan and answer are the same, and says to save the baseline again', () => {
    const { status, findings } = judgeCounters(stored, withCounters({ vmSteps: 1 }))
    expect(status).toBe('improved')
    expect(findings[0]?.reason).toMatch(/→ 1 VM steps \(−.*; to hold it, save the baseline again/)
  })

  test('is none where the plan changed: it fails, and names both plans in one line', () => {
    const run = withEvidence(({ plan, counters }) => ({
      plan: { ...plan, fingerprint: 'new', summary: 'SCAN prompts' },
      counters: { ...counters, vmSteps: 1 },
    }))
    expect(notable(judgeCounters(stored, run))).toEqual([
      expect.objectContaining({
        metric: 'plan',
        status: 'fail',
        reason: expect.stringMatching(
          /^plan changed: prompts: search idx_prompts_user_status_created .* → SCAN prompts$/,
        ),
      }),
    ])
  })

  test('is none where rows are missing: a collapse fails', () => {
    const run = withEvidence(({ counters }) => ({
      rows: 0,
      answerDigest: 'none',
      counters: { ...counters, vmSteps: 1 },
    }))
    expect(notable(judgeCounters(stored, run))).toMatchObject([
      {
        metric: 'rows',
        status: 'fail',
        reason: 'fewer rows for the same arguments: 1,280 → 0',
        change: { estimate: -1 },
      },
    ])
  })
})

describe('an answer', () => {
  test('that changed for the same rows is invalid, whatever became of the work', () => {
    const run = withEvidence(({ counters }) => ({
      answerDigest: 'other',
      counters: { ...counters, vmSteps: 1 },
    }))
    expect(notable(judgeCounters(stored, run))).toMatchObject([{ metric: 'answer', status: 'invalid' }])
  })

  test('with more rows fails', () => {
    expect(
      notable(
        judgeCounters(
          stored,
          withEvidence(() => ({ rows: 1281, answerDigest: 'other' })),
        ),
      ),
    ).toMatchObject([{ metric: 'rows', status: 'fail', reason: expect.stringMatching(/^more rows/) }])
  })
})

describe('tables and indexes', () => {
  const [first] = stored.scenarios[0]?.variants[0]?.objects ?? []

  test('that are lost fail by name, though the file is smaller', () => {
    const run = withVariant(({ objects, fileBytes }) => ({
      objects: objects.filter(({ name }) => name !== first?.name),
      fileBytes: fileBytes - 4096,
    }))
    expect(notable(judgeCounters(stored, run))).toMatchObject([
      { metric: 'objects', status: 'fail', operation: null, reason: `lost: table ${first?.name}` },
    ])
  })

  test('that are new or larger fail, and smaller ones are an improvement', () => {
    const grown = (by: number): Run =>
      withVariant(({ objects, fileBytes }) => ({
        fileBytes: fileBytes + by,
        objects: objects.map((object) =>
          object.name === first?.name ? { ...object, bytes: object.bytes + by } : object,
        ),
      }))
    expect(notable(judgeCounters(stored, grown(4096)))).toMatchObject([
      { metric: 'bytes', status: 'fail', reason: expect.stringContaining(`${first?.name} `) },
    ])
    expect(notable(judgeCounters(stored, grown(-4096)))).toMatchObject([
      { metric: 'bytes', status: 'improved' },
    ])
    const fresh = { name: 'idx_new', kind: 'index', table: 'prompts', pages: 1, bytes: 4096 } as const
    expect(
      notable(
        judgeCounters(
          stored,
          withVariant(({ objects }) => ({ objects: [...objects, fresh] })),
        ),
      ),
    ).toMatchObject([
      { metric: 'bytes', status: 'fail', reason: expect.stringContaining('new index idx_new') },
    ])
  })
})

describe('what only one of the two has', () => {
  test('is invalid where a variant, an operation, or an operation on a variant vanished', () => {
    const gone = (change: (scenario: ScenarioRun) => Partial<ScenarioRun>): readonly GateFinding[] =>
      notable(judgeCounters(stored, withScenario(change)))
    expect(
      gone(({ variants }) => ({ variants: variants.filter(({ id }) => id !== 'composite') })),
    ).toMatchObject([{ status: 'invalid', variant: 'composite', operation: null }])
    expect(
      gone(({ operations }) => ({ operations: operations.filter(({ id }) => id !== 'Q2') })),
    ).toMatchObject([{ status: 'invalid', variant: null, operation: 'Q2' }])
    expect(
      gone(({ evidence }) => ({
        evidence: evidence.filter(({ operation, variant }) => operation !== 'Q1' || variant !== 'baseline'),
      })),
    ).toMatchObject([{ status: 'invalid', variant: 'baseline', operation: 'Q1' }])
  })

  test('is a note where it is new', () => {
    const more = (from: Run): Run => ({
      ...from,
      scenarios: from.scenarios.map((scenario) => ({
        ...scenario,
        operations: [...scenario.operations, { ...scenario.operations[0], id: 'Q9' } as never],
      })),
    })
    expect(judgeCounters(stored, more(stored))).toMatchObject({
      status: 'pass',
      notes: ['indexes/sample: not in the baseline and not judged: operation Q9'],
    })
  })

  test('is a note where it is a scenario; with none in common nothing is judged, which is invalid', () => {
    const [scenario] = stored.scenarios
    const other = { ...(scenario as ScenarioRun), id: 'mine' }
    const both: Run = { ...stored, scenarios: [...stored.scenarios, other] }
    expect(judgeCounters(both, stored).notes).toEqual([
      'not judged: mine of the baseline, which was not measured',
    ])
    expect(judgeCounters(stored, both).notes).toEqual([
      'not judged: mine, of which the baseline knows nothing',
    ])
    expect(judgeCounters(stored, { ...stored, scenarios: [other] }).status).toBe('invalid')
  })
})

describe('notes', () => {
  test('name a changed file and other migrations', () => {
    const run = withScenario(({ variants }) => ({
      fileDigest: 'other',
      variants: variants.map((variant) =>
        variant.id === 'composite' ? { ...variant, migrations: ['other'] } : variant,
      ),
    }))
    expect(judgeCounters(stored, run)).toMatchObject({
      status: 'pass',
      notes: [
        expect.stringMatching(/its file changed since the baseline was saved/),
        expect.stringMatching(/composite is made of other, in the baseline of/),
      ],
    })
  })

  test('name counters that did not repeat, which are then not judged', () => {
    const unsteady = withEvidence(() => ({ unsteady: ['vmSteps'] }))
    const { status, notes } = judgeCounters(unsteady, withCounters({ vmSteps: 1_000_000 }))
    expect(status).toBe('pass')
    expect(notes).toEqual([expect.stringMatching(/cannot be judged exactly: vmSteps of Q1 on composite$/)])
  })
})

test('whatever differs in an operation, the verdict is not pass, and never improved with another answer', () => {
  const counts = fc.record({
    rows: fc.integer({ min: 0, max: 3000 }),
    vmSteps: fc.integer({ min: 0, max: 100_000 }),
    sorts: fc.integer({ min: 0, max: 3 }),
    answerDigest: fc.constantFrom('a', 'b'),
    fingerprint: fc.constantFrom('x', 'y'),
  })
  const of = ({
    rows,
    answerDigest,
    fingerprint,
    ...counters
  }: typeof counts extends fc.Arbitrary<infer T> ? T : never) =>
    withEvidence((found) => ({
      rows,
      answerDigest,
      plan: { ...found.plan, fingerprint },
      counters: { ...found.counters, ...counters },
    }))
  fc.assert(
    fc.property(counts, counts, (before, after) => {
      const { status } = judgeCounters(of(before), of(after))
      const same = JSON.stringify(before) === JSON.stringify(after)
      expect(status === 'pass').toBe(same)
      if (before.rows !== after.rows || before.fingerprint !== after.fingerprint)
        expect(status).not.toBe('improved')
      if (before.answerDigest !== after.answerDigest) expect(['fail', 'invalid']).toContain(status)
    }),
  )
})
