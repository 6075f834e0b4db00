import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copySeeded, sharedCache } from '../../../../fixtures/cache/shared-cache.ts'
import { fakeRound } from '../../../../fixtures/rounds/fake-round.ts'
import { commitAll, projectFiles, writeFiles } from '../../../../fixtures/cli/user-project.ts'
import { judgeGate } from '../../../judge/gate/gate.ts'
import type { RoundPlan, RoundResult } from '../../../measure/round-plan.ts'
import type { GateRun } from '../../../run/gate/gate-run.ts'
import { parseGateRun } from '../../../run/read.ts'
import { serializeRun } from '../../../run/serialize.ts'
import { sampleCount } from '../../../run/timed-rounds.ts'
import { fewestSamples } from '../../../stats/levelled-round.ts'
import { NativeConnection } from '../../../target/native.ts'
import { gateSettings } from '../gate-settings.ts'
import { measureGate, type GateOutcome } from '../measure-gate.ts'
import { runRoundInChild, type RunRound } from '../../experiment/time-rounds.ts'
import { withSides } from './with-sides.ts'
import { referenceDatasets } from '../../../reference/dataset.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-gate-sides-'))
const project = join(root, 'project')
const inProject = join(project, 'bench', 'prompts.ts')
const plain = join(root, 'plain', 'bench', 'prompts.ts')
const file = (name: string): string => join(root, name)
const lookRounds = 2
const settings = gateSettings({
  seed: 1,
  orderSeed: 1,
  scale: 0.01,
  maxSeconds: 600,
  operationMs: 20,
  budget: [{ rounds: lookRounds, alpha: 0.25, stallAlpha: 0 }],
})

beforeAll(async () => {
  process.env['FORGEBENCH_CACHE'] = sharedCache
  writeFiles(join(root, 'plain'), projectFiles)
  await copySeeded(file('a.db'), { scale: 0.01, seed: 5, ids: 'v4' })
  // The same rows, with other row numbers.
  const copy = new NativeConnection(file('a.db'))
  copy.executeSync('VACUUM INTO ?', [file('b.db')])
  copy.close()
  change(
    'b.db',
    'CREATE INDEX ours ON prompts (user_id, status, created_at); UPDATE prompts SET rowid = -rowid',
  )
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  rmSync(root, { recursive: true, force: true })
})

function change(name: string, script: string): void {
  const connection = new NativeConnection(file(name))
  connection.scriptSync(script)
  connection.close()
}

interface Plans {
  readonly plans: RoundPlan[]
}

/** Rounds that take no time, and remember what they were asked for. */
function fakeRounds(): RunRound & Plans {
  const plans: RoundPlan[] = []
  const run = async (plan: RoundPlan): Promise<RoundResult> => {
    plans.push(plan)
    return fakeRound(plan)
  }
  return Object.assign(run, { plans })
}

const gate = (
  baseline: string,
  candidate: string | undefined,
  runRound: RunRound,
  operations?: readonly string[],
  scenario = plain,
): Promise<GateOutcome> =>
  withSides(
    scenario,
    { baseline, candidate, baselineTokenEnv: null, candidateTokenEnv: null },
    referenceDatasets,
    (sides) =>
      measureGate(
        {
          ...sides,
          ...(operations === undefined ? {} : { operations }),
          settings,
          emit: () => undefined,
          signal: new AbortController().signal,
          runRound,
        },
        '0.0.0',
      ),
  )

const again = (run: GateRun): GateRun => parseGateRun(serializeRun(run), 'run.json')

describe('a gate between two revisions', () => {
  // A process loads a file of the working tree once, and here are many: so both sides are revisions.
  const next = (files: Readonly<Record<string, string>>): void => {
    writeFiles(project, { ...projectFiles, ...files })
    commitAll(project, 'a change')
  }
  const columns = (text: string) => ({ 'bench/columns.ts': `export const columns = '${text}'\n` })
  const both = (rounds: RunRound): Promise<GateOutcome> =>
    gate('git:HEAD~1', 'git:HEAD:indexed', rounds, undefined, inProject)

  test('times each side with its own statement in whatever role, and records both', async () => {
    next(columns('id, title AS t, created_at'))
    next(columns('id, trim(title) AS t, created_at'))
    const rounds = fakeRounds()
    const { run } = await both(rounds)
    const seen = rounds.plans.flatMap(({ operations }) =>
      operations
        .slice(0, 1)
        .flatMap(({ sql, sides }) =>
          sides.map(({ variant, ownSql = sql }) => `${variant} ${ownSql.includes('trim')}`),
        ),
    )
    expect(new Set(seen)).toEqual(new Set(['baseline false', 'candidate true']))
    const { baseline, candidate } = again(run)
    expect(baseline).toMatchObject({
      variant: 'indexed',
      source: 'seeded',
      migrations: [{ id: 'user-index' }],
    })
    expect(baseline.statements['newest']).not.toContain('trim')
    expect(candidate.statements['newest']).toContain('trim')
    expect(baseline.commit).not.toBe(candidate.commit)
    expect(baseline.scenarioDigest).toBe(candidate.scenarioDigest)
    expect(baseline.answers).toEqual(candidate.answers)
  })

  test('takes each side’s migrations from its own revision', async () => {
    next({})
    next({ 'migrations/user-index/up.sql': 'CREATE INDEX idx_user_status_created ON prompts (status);\n' })
    const { run } = await both(fakeRounds())
    const summaries = run.scenario.evidence.map(({ variant, operation, plan }) => [
      operation,
      variant,
      plan.summary,
    ])
    expect(summaries).toContainEqual([
      'newest',
      'baseline',
      'SEARCH prompts USING idx_user_status_created (user_id=? AND status=?)',
    ])
    expect(run.candidate.migrations).not.toEqual(run.baseline.migrations)
    expect(run.candidate.schemaDigest).not.toBe(run.baseline.schemaDigest)
    expect(run.candidate.dataDigest).toBe(run.baseline.dataDigest)
  })

  test('is invalid when they answer otherwise, and says which operation and how', async () => {
    next(columns('id, title, created_at'))
    next(columns('id, upper(title) AS title, created_at'))
    await expect(both(fakeRounds())).rejects.toMatchObject({
      code: 'ANSWERS_DIFFER',
      exit: 4,
      message: expect.stringMatching(
        /^prompts: newest answers otherwise on candidate than on baseline \(other values in \d+ rows, 24 executions\)/,
      ),
    })
  })

  test('notes an operation that one of them has not, in its verdict too', async () => {
    next({})
    next({
      'bench/prompts.ts': (projectFiles['bench/prompts.ts'] ?? '').replace("id: 'add'", "id: 'append'"),
    })
    const { run } = await both(fakeRounds())
    expect(judgeGate(again(run)).notes).toEqual([
      'append is not judged: the baseline has no such operation',
      'add is not judged: the candidate has no such operation',
    ])
  })
})

describe('a gate between database files', () => {
  test('draws its arguments from the baseline, times real rounds, and leaves both as they were', async () => {
    const { run, failure } = await gate(`file:${file('a.db')}`, `file:${file('b.db')}`, runRoundInChild)
    expect(failure).toBeUndefined()
    expect(run.rounds.length).toBeGreaterThanOrEqual(lookRounds)
    expect(again(run)).toMatchObject({
      baseline: { variant: null, source: 'file', url: null, commit: null },
      candidate: { source: 'file', migrations: [] },
    })
    expect(run.baseline.dataDigest).not.toBe(run.candidate.dataDigest)
    expect(run.scenario.dataDigests).toEqual({
      baseline: run.baseline.dataDigest,
      candidate: run.candidate.dataDigest,
    })
    expect(run.scenario.variants.map(({ objects }) => objects.some(({ name }) => name === 'ours'))).toEqual([
      false,
      true,
    ])
    expect(
      readdirSync(join(sharedCache, 'stages')).filter((name) => name.includes(`clones-${process.pid}-`)),
    ).toEqual([])
    expect(readdirSync(root).filter((name) => /-(wal|shm)$/.test(name))).toEqual([])
  })

  test('is invalid when one of them has lost rows', async () => {
    const copy = new NativeConnection(file('a.db'))
    copy.executeSync('VACUUM INTO ?', [file('fewer.db')])
    copy.close()
    change('fewer.db', 'PRAGMA foreign_keys = OFF; DELETE FROM prompts WHERE rowid % 2 = 0')
    await expect(
      gate(`file:${file('a.db')}`, `file:${file('fewer.db')}`, fakeRounds()),
    ).rejects.toMatchObject({ exit: 4, message: expect.stringMatching(/^prompts: newest on candidate: /) })
  })

  test('needs the tables of the scenario', async () => {
    change('other.db', 'CREATE TABLE t (a)')
    await expect(
      gate(`file:${file('other.db')}`, `file:${file('b.db')}`, fakeRounds()),
    ).rejects.toMatchObject({
      exit: 2,
      message: 'operation newest: draw from prompts: no such table: prompts',
    })
  })

  test('may have a variant on the other side, whose rows are others', async () => {
    await expect(gate(`file:${file('a.db')}`, 'variant:indexed', fakeRounds())).rejects.toMatchObject({
      exit: 4,
    })
  })
})

describe('writes', () => {
  test('are timed when they are named, each transaction once, on copies that both sides have of their own', async () => {
    const { run, failure } = await gate('variant:baseline', 'variant:indexed', runRoundInChild, ['add'])
    expect(failure).toBeUndefined()
    expect(run.rounds).toHaveLength(lookRounds)
    expect(judgeGate(again(run)).findings.map(({ operation }) => operation)).toEqual(['add'])
    const counts = run.scenario.timings.map((timing) => sampleCount(timing))
    expect(counts).toHaveLength(2)
    for (const count of counts) expect(count).toBeGreaterThanOrEqual(lookRounds * fewestSamples.p95)
  })

  test('get arguments that never collide within a round', async () => {
    const rounds = fakeRounds()
    await gate('variant:baseline', 'variant:indexed', rounds, ['add'])
    expect(rounds.plans.length).toBeGreaterThan(lookRounds)
    for (const { operations, variants } of rounds.plans) {
      const [operation] = operations
      if (operation === undefined) throw new Error('no operation')
      const { statementsPerSample, sides } = operation
      expect(statementsPerSample).toBe(5)
      for (const { args, blocks, samplesPerSlice, leadInSamples, warmupSamples } of sides) {
        expect(warmupSamples).toBe(0)
        expect(args).toHaveLength(blocks * (leadInSamples + samplesPerSlice) * statementsPerSample)
        expect(new Set(args.map(([id]) => id)).size).toBe(args.length)
      }
      const files = variants.filter((variant) => 'readPath' in variant)
      const paths = files.map(({ writePath }) => writePath)
      expect(new Set(paths).size).toBe(2)
      expect(files.map(({ readPath }) => readPath).some((path) => paths.includes(path))).toBe(false)
    }
  })

  test('are not timed unless they are named', async () => {
    const rounds = fakeRounds()
    await gate('variant:baseline', 'variant:indexed', rounds)
    expect(rounds.plans.flatMap(({ operations }) => operations.map(({ id }) => id))).not.toContain('add')
    expect(rounds.plans[0]?.variants[0]).toMatchObject({ writePath: null })
  })

  test('that were acknowledged and are not stored make the gate invalid', async () => {
    const forgetful: RunRound = async (plan, signal) => {
      const result = await fakeRounds()(plan, signal)
      if (plan.round < 2) return result
      return { ...result, slices: result.slices.map((slice) => ({ ...slice, rows: 3 })) }
    }
    const { run, failure } = await gate('variant:baseline', 'variant:indexed', forgetful, ['add'])
    expect(failure).toMatchObject({
      code: 'WRITES_LOST',
      exit: 4,
      message: 'prompts: test_results on baseline changed by 0 rows, but 3 were acknowledged',
    })
    expect(run).toMatchObject({ status: 'partial', rounds: [{ round: 1 }] })
  })
})
