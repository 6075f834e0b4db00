import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { fakeRound } from '../../../fixtures/rounds/fake-round.ts'
import { InterruptedError, TargetError } from '../../core/errors.ts'
import { judgeGate } from '../../judge/gate/gate.ts'
import type { RoundPlan, RoundResult } from '../../measure/round-plan.ts'
import { gateSides } from '../../run/gate/gate-run.ts'
import { parseGateRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { ReadOperation } from '../../scenario/scenario.ts'
import { gateSettings } from './gate-settings.ts'
import { measureGate, type GateOutcome } from './measure-gate.ts'
import { variantSide } from './sides/side-variant.ts'
import type { RunRound } from '../experiment/time-rounds.ts'
import { referenceDataset } from '../../reference/dataset.ts'

beforeAll(() => {
  process.env['FORGEBENCH_CACHE'] = sharedCache
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
})

const read = (id: string): ReadOperation => ({
  kind: 'read',
  id,
  title: `newest of a user (${id})`,
  sql: `SELECT id, created_at, '${id}' FROM prompts WHERE user_id = ? AND status = ? ORDER BY created_at DESC LIMIT 20`,
  draw: { table: 'prompts', columns: ['user_id', 'status'] },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
})
const loaded: LoadedScenario = {
  id: 'tiny',
  path: '/tiny.ts',
  fileDigest: 'f'.repeat(64),
  claims: [],
  dataset: referenceDataset,
  scenario: {
    title: 'Tiny',
    why: 'a test',
    claims: [],
    statistics: ['analyzed'],
    variants: [
      { id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] },
      { id: 'composite', title: 'three indexes', role: 'candidate', migrations: ['composite-indexes'] },
    ],
    operations: [read('Q1'), read('Q2'), read('Q3')],
  },
}

/** Rounds that take no time: the candidate's samples last `ratioOf(operation)` times as long as the baseline's. */
function fakeRounds(
  ratioOf: (operation: string, round: number) => number,
): RunRound & { plans: RoundPlan[] } {
  const plans: RoundPlan[] = []
  const run = async (plan: RoundPlan): Promise<RoundResult> => {
    plans.push(plan)
    return fakeRound(plan, {
      rows: 7,
      nsOf: (id, variant) =>
        Math.round(100_000 * (variant === gateSides.candidate ? ratioOf(id, plan.round) : 1)),
    })
  }
  return Object.assign(run, { plans })
}

const chosen = { seed: 1, orderSeed: 1, scale: 0.01, maxSeconds: 600, operationMs: 20 }

function gate(
  runRound: RunRound | undefined,
  signal = new AbortController().signal,
  settings = gateSettings(chosen),
): Promise<GateOutcome> {
  const side = variantSide(loaded, '--baseline', 'variant:baseline')
  return measureGate(
    {
      baseline: side,
      candidate: variantSide(loaded, '--candidate', 'variant:composite'),
      settings,
      emit: () => undefined,
      signal,
      ...(runRound === undefined ? {} : { runRound }),
    },
    '0.0.0',
  )
}

describe('a gate', () => {
  test('goes on with what is undecided, stops when one operation fails, and says so from its file', async () => {
    const rounds = fakeRounds((operation) => (operation === 'Q2' ? 1.15 : 1))
    const { run, failure } = await gate(rounds)
    expect(failure).toBeUndefined()
    expect(run.status).toBe('complete')
    const measured = rounds.plans.filter(({ round }) => round > 0)
    expect(measured.map(({ operations }) => operations.map(({ id }) => id).join())).toEqual([
      ...Array<string>(8).fill('Q1,Q2,Q3'),
      'Q2',
      'Q2',
    ])
    const again = parseGateRun(serializeRun(run), 'run.json')
    const verdict = judgeGate(again)
    expect(verdict).toEqual(judgeGate(run))
    expect(verdict.status).toBe('fail')
    expect(verdict.findings.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'Q2 fail',
      'Q1 pass',
      'Q3 pass',
    ])
  })

  test('ends after eight rounds when nothing is slower, and after all when they do not tell', async () => {
    const equal = await gate(fakeRounds(() => 1))
    expect(equal.run.rounds).toHaveLength(8)
    expect(judgeGate(equal.run).status).toBe('pass')
    const wild = await gate(fakeRounds((_, round) => (round % 2 === 0 ? 2 : 0.5)))
    expect(wild.run.rounds).toHaveLength(18)
    expect(judgeGate(wild.run).status).toBe('inconclusive')
  })

  test('measures each round on copies of its own, in the order of its roles, and leaves none', async () => {
    const rounds = fakeRounds(() => 1)
    const { run } = await gate(rounds)
    const measured = rounds.plans.filter(({ round }) => round > 0)
    const paths = measured.flatMap(({ variants }) =>
      variants.map((each) => ('readPath' in each ? each.readPath : '')),
    )
    expect(new Set(paths).size).toBe(16)
    expect(measured.map(({ variants }) => variants[0]?.id)).toEqual(run.rounds.map(({ first }) => first))
    expect(new Set(run.rounds.map(({ first }) => first)).size).toBe(2)
    expect(
      readdirSync(join(sharedCache, 'stages')).filter((name) => name.includes(`clones-${process.pid}-`)),
    ).toEqual([])
  })

  test('whose round dies keeps the rounds before, marked partial, with the cause', async () => {
    const fine = fakeRounds(() => 1)
    const dies: RunRound = (plan, signal) =>
      plan.round === 4 ? Promise.reject(new TargetError('CHILD_DIED', 'it died')) : fine(plan, signal)
    const { run, failure } = await gate(dies)
    expect(failure).toBeInstanceOf(TargetError)
    expect(run).toMatchObject({ status: 'partial', cutShort: 'tiny, round 4: it died' })
    expect(run.rounds).toHaveLength(3)
    const verdict = judgeGate(parseGateRun(serializeRun(run), 'run.json'))
    expect(verdict).toMatchObject({ status: 'inconclusive', notes: ['cut short: tiny, round 4: it died'] })
  })

  test('that is interrupted keeps what it has; before the first round there is nothing to keep', async () => {
    const interruption = new AbortController()
    const fine = fakeRounds(() => 1)
    const late: RunRound = (plan, signal) => {
      if (plan.round === 2) interruption.abort()
      return fine(plan, signal)
    }
    const { run, failure } = await gate(late, interruption.signal)
    expect(failure).toBeInstanceOf(InterruptedError)
    expect(run.rounds).toHaveLength(2)
    await expect(gate(fine, interruption.signal)).rejects.toBeInstanceOf(InterruptedError)
  })

  test('does not believe sides that return different numbers of rows while they are timed', async () => {
    const fine = fakeRounds(() => 1)
    const fewer: RunRound = async (plan, signal) => {
      const result = await fine(plan, signal)
      const mismatch = {
        operation: 'Q1',
        variant: gateSides.candidate,
        rows: 0,
        other: gateSides.baseline,
        otherRows: 7,
      }
      return plan.round === 3 ? { ...result, mismatch } : result
    }
    const { failure } = await gate(fewer)
    expect(failure).toMatchObject({ code: 'ROWS_DIFFER', exit: 4 })
  })

  test('runs real rounds', async () => {
    const settings = gateSettings({ ...chosen, budget: [{ rounds: 2, alpha: 0.25, stallAlpha: 0 }] })
    const { run, failure } = await gate(undefined, undefined, settings)
    expect(failure).toBeUndefined()
    expect(run.rounds.length).toBeGreaterThanOrEqual(2)
    for (const { samples } of judgeGate(run).findings) {
      expect(samples).toBeGreaterThanOrEqual(2 * 400)
    }
    expect(run.scenario.evidence).toHaveLength(6)
  })
})
