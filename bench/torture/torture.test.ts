import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildOnce } from '../../fixtures/cli/forgebench.ts'
import { kinds } from './kinds.ts'
import type { TrialRecord } from './records.ts'
import { tortureTable } from './torture-table.ts'
import { promised, trialKind, type TrialKind } from './trial.ts'
import { tryTrial } from './try-trial.ts'

/** A short part of `npm run torture`: kinds whose trials take a second or two, each with one seed. */
const seedOf: Readonly<Record<string, number>> = {
  'kill seed': 1,
  'kill migrate up': 1,
  'kill run': 1,
  'kill serve, workers 4': 1,
  'damaged cache': 4,
}

describe.skipIf(!existsSync('/proc/self/cwd'))('forgebench keeps its promises (needs /proc) after', () => {
  beforeAll(buildOnce)

  test.each(kinds.filter(({ name }) => name in seedOf))('$name', async (kind) => {
    const outcome = await tryTrial(kind.trial(seedOf[kind.name] ?? 1))
    expect(outcome).toMatchObject({ status: 'held' })
  })
})

const kind = (run: () => Promise<{ status: 'held'; event: string; acknowledged: number }>): TrialKind =>
  trialKind({
    name: 'test',
    title: 'a mishap',
    kills: true,
    trials: 1,
    draw: (next) => ({ part: next() }),
    run,
  })

test('a trial is drawn from its seed: the same seed gives the same parameters', () => {
  for (const { trial } of kinds) {
    expect(trial(7).parameters).toEqual(trial(7).parameters)
    expect([1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(trial(seed).parameters))).not.toEqual(
      Array.from({ length: 6 }, () => JSON.stringify(trial(1).parameters)),
    )
  }
})

test('a broken promise is the outcome of a trial, and any other error is an error', async () => {
  const broken = kind(async () => {
    promised(1 + 1 === 3, 'the database is whole', 'it is not')
    return { status: 'held', event: 'killed', acknowledged: 0 }
  })
  expect(await tryTrial(broken.trial(1))).toEqual({
    status: 'broken',
    promise: 'the database is whole',
    evidence: 'it is not',
  })
  const wrong = kind(async () => {
    throw new RangeError('a mistake')
  })
  await expect(tryTrial(wrong.trial(1))).rejects.toThrow('a mistake')
})

test('the table counts events, acknowledged writes and broken promises', () => {
  const record = (seed: number, outcome: TrialRecord['outcome']): TrialRecord => ({
    kind: 'test',
    seed,
    parameters: {},
    outcome,
    ms: 1,
    commit: 'c',
    node: 'v20.0.0',
    platform: 'linux',
  })
  const table = tortureTable(
    [
      record(1, { status: 'held', event: 'killed', acknowledged: 1200 }),
      record(2, { status: 'held', event: 'ended before', acknowledged: 0 }),
      record(3, { status: 'broken', promise: 'times are sane', evidence: 'negative' }),
    ],
    [kind(async () => ({ status: 'held', event: 'killed', acknowledged: 0 }))],
  )
  expect(table).toContain('| a mishap | 3 | 1 ended before, 1 killed | 1,200 | 1 |')
  expect(table).toContain('| together | 3 | 1 SIGKILLs met a command at work | 1,200 | 1 |')
  expect(table).toContain('| times are sane | 1 |')
  expect(table).toContain('| the database is whole | 0 |')
})
