import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedCache } from '../../../fixtures/cache/shared-cache.ts'
import { InterruptedError } from '../../core/errors.ts'
import type { Run } from '../../run/run.ts'
import { parseRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import type { ReadOperation, Scenario, WriteOperation } from '../../scenario/scenario.ts'
import { decodeSamples } from '../../stats/encoded-samples.ts'
import type { EngineEvent } from '../experiment/event.ts'
import { measureRun } from './measure-run.ts'
import { fixedRounds } from '../experiment/sampling.ts'
import { referenceDataset } from '../../reference/dataset.ts'

const cache = mkdtempSync(join(tmpdir(), 'forgebench-engine-'))
beforeAll(async () => {
  await seedCache(cache)
  process.env['FORGEBENCH_CACHE'] = cache
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  rmSync(cache, { recursive: true, force: true })
})

const newest: ReadOperation = {
  kind: 'read',
  id: 'Q1',
  title: 'newest of a user',
  sql: 'SELECT id, title, created_at FROM prompts WHERE user_id = ? AND status = ? ORDER BY created_at DESC LIMIT 20',
  draw: { table: 'prompts', columns: ['user_id', 'status'] },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}
const templates: WriteOperation = {
  kind: 'write',
  id: 'W1',
  title: 'new templates',
  sql: "INSERT INTO prompt_templates (id, name, template, variables, category, usage_count) VALUES (?, ?, 't', '[]', 'c', 0)",
  draw: { table: 'prompt_templates', columns: ['name'] },
  args: ([name = null], { index, newId }) => [newId(), `${String(name)} ${index}`],
  statementsPerTransaction: 3,
}
const tiny: Scenario = {
  title: 'Tiny',
  why: 'a test',
  claims: [],
  variants: [
    { id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] },
    { id: 'composite', title: 'three indexes', role: 'candidate', migrations: ['composite-indexes'] },
    {
      id: 'client',
      title: 'another driver',
      role: 'driver',
      migrations: [],
      driver: '@libsql/client',
      statistics: ['analyzed'],
    },
  ],
  operations: [newest, templates],
}
const loaded = (scenario: Partial<Scenario> = {}, id = 'tiny'): LoadedScenario => ({
  id,
  path: `/${id}.ts`,
  fileDigest: 'f'.repeat(64),
  claims: [],
  dataset: referenceDataset,
  scenario: { ...tiny, ...scenario },
})
const analyzed: Partial<Scenario> = { statistics: ['analyzed'], variants: tiny.variants.slice(0, 2) }

interface Outcome {
  readonly run: Run
  readonly failure: unknown
  readonly events: readonly EngineEvent[]
}

/** Measures with two rounds; `onEvent` may interrupt. */
async function measure(
  scenarios: readonly LoadedScenario[],
  onEvent: (event: EngineEvent, interrupt: () => void) => void = () => undefined,
): Promise<Outcome> {
  const interruption = new AbortController()
  const events: EngineEvent[] = []
  const { run, failure } = await measureRun(scenarios, () => [], '0.0.0', {
    scale: 0.01,
    seed: 1,
    sampling: { analyses: fixedRounds(2), sliceMs: 1, maxSeconds: 1 },
    signal: interruption.signal,
    emit: (event) => {
      events.push(event)
      onEvent(event, () => interruption.abort())
    },
  })
  return { run, failure, events }
}

/** Digests of the databases in the cache, and what else is there but them. */
function cached(): { readonly stages: Readonly<Record<string, string>>; readonly others: readonly string[] } {
  const names = readdirSync(cache, { recursive: true, encoding: 'utf8' })
  const databases = names.filter((name) => name.endsWith('database.db')).toSorted()
  return {
    stages: Object.fromEntries(
      databases.map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(cache, name)))
          .digest('hex'),
      ]),
    ),
    others: names.filter((name) => /clones|building/.test(name)),
  }
}

describe('a complete run', () => {
  let outcome: Outcome
  beforeAll(async () => {
    outcome = await measure([loaded()])
    if (outcome.failure !== undefined) throw outcome.failure
  })

  test('is a Run that its own reader accepts', () => {
    const text = serializeRun(outcome.run)
    expect(parseRun(text, 'run.json')).toEqual(JSON.parse(text))
    expect(outcome.run).toMatchObject({ status: 'complete', scenarios: [{ id: 'tiny', complete: true }] })
  })

  test('holds every variant in its states of statistics, with sizes and index builds', () => {
    const [scenario] = outcome.run.scenarios
    expect(scenario?.variants.map(({ id }) => id)).toEqual([
      'baseline',
      'baseline:no-stats',
      'composite',
      'composite:no-stats',
      'client',
    ])
    for (const { fileBytes, objects } of scenario?.variants ?? []) {
      expect(fileBytes).toBeGreaterThan(1e6)
      expect(objects.map(({ name }) => name)).toContain('prompts')
    }
    const builds = scenario?.variants.find(({ id }) => id === 'composite')?.indexBuilds
    expect(builds?.map(({ index, buildNs }) => [index, buildNs.length])).toEqual(
      expect.arrayContaining([['idx_prompts_user_status_created', 3]]),
    )
  })

  test('has evidence that all variants answered alike, and that the index saved work', () => {
    const reads = outcome.run.scenarios[0]?.evidence.filter(({ operation }) => operation === 'Q1') ?? []
    expect(reads).toHaveLength(5)
    expect(new Set(reads.map(({ answerDigest }) => answerDigest)).size).toBe(1)
    const steps = (variant: string): number =>
      reads.find((each) => each.variant === variant)?.counters.vmSteps ?? 0
    expect(steps('composite')).toBeLessThan(steps('baseline'))
    expect(steps('client')).toBe(steps('baseline'))
  })

  test('times every operation on every variant in every round', () => {
    const timings = outcome.run.scenarios[0]?.timings ?? []
    const rounds = (operation: string, variant: string): readonly number[] | undefined =>
      timings
        .find((each) => each.operation === operation && each.variant === variant)
        ?.rounds.map(({ round }) => round)
    for (const variant of ['baseline', 'composite', 'client']) {
      expect(rounds('Q1', variant)).toEqual([1, 2])
      expect(rounds('W1', variant)).toEqual([1, 2])
    }
    // Statistics cost writes nothing, so that they are written with them only.
    expect(rounds('W1', 'composite:no-stats')).toBeUndefined()
    expect(rounds('Q1', 'composite:no-stats')).toEqual([1, 2])
  })

  test('gives every slice a first call apart, and shares blocks between a variant and what it is compared with', () => {
    const timings = outcome.run.scenarios[0]?.timings ?? []
    const slices = (variant: string) =>
      timings.find((each) => each.operation === 'Q1' && each.variant === variant)?.rounds[0]?.slices ?? []
    for (const { firstNs, samplesNs } of slices('composite')) {
      expect(firstNs).toBeGreaterThan(0)
      expect(decodeSamples(samplesNs).length).toBeGreaterThan(0)
    }
    const blocks = new Set(slices('baseline').map(({ block }) => block))
    expect(slices('composite').some(({ block }) => blocks.has(block))).toBe(true)
  })

  test('leaves no clones behind', () => expect(cached().others).toEqual([]))

  test('leaves its databases as they were, though it wrote, and measures on them again', async () => {
    const before = cached().stages
    const again = await measure([loaded(analyzed)])
    expect(again.failure).toBeUndefined()
    expect(again.events.some(({ kind }) => kind === 'seeding')).toBe(false)
    expect(cached().stages).toEqual(before)
  })
})

describe('a run that must not be believed', () => {
  const refused = async (operation: ReadOperation | WriteOperation, code: string): Promise<string> => {
    const { run, failure } = await measure([loaded({ ...analyzed, operations: [operation] })])
    expect(failure).toMatchObject({ code, exit: 4 })
    expect(run).toMatchObject({ status: 'partial', scenarios: [] })
    expect(cached().others).toEqual([])
    return (failure as Error).message
  }

  test('has a variant that answers otherwise', async () => {
    const sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?"
    const message = await refused(
      { ...newest, sql, rows: { min: 1, max: 1 }, orderedBy: undefined as never, args: () => ['prompts'] },
      'ANSWERS_DIFFER',
    )
    expect(message).toMatch(/^tiny: Q1 answers otherwise on composite than on baseline/)
  })

  test('returns other numbers of rows than declared', async () => {
    const message = await refused({ ...newest, rows: { min: 25, max: 30 } }, 'WRONG_ANSWER')
    expect(message).toMatch(/^tiny: Q1 on baseline: \d+ rows where 25 to 30 are due$/)
  })

  test('writes nothing', async () => {
    const sql = 'UPDATE prompt_templates SET usage_count = 1 WHERE id = ? AND name = ? AND 1 = 0'
    expect(await refused({ ...templates, sql }, 'WRONG_ANSWER')).toContain('no row was written')
  })
})

describe('an interrupted run', () => {
  test('while timing keeps the finished rounds, and says that it is partial', async () => {
    const { run, failure } = await measure(
      [loaded(analyzed), loaded(analyzed, 'never')],
      (event, interrupt) => {
        if (event.kind === 'progress' && event.step === 'timing' && event.done === 1) interrupt()
      },
    )
    expect(failure).toBeInstanceOf(InterruptedError)
    expect(run).toMatchObject({ status: 'partial', scenarios: [{ id: 'tiny', complete: false }] })
    const timings = run.scenarios[0]?.timings ?? []
    expect(timings).toHaveLength(4)
    for (const { rounds } of timings) expect(rounds.map(({ round }) => round)).toEqual([1])
    expect(parseRun(serializeRun(run), 'run.json').status).toBe('partial')
    expect(cached().others).toEqual([])
  })

  test('before anything was found has no scenario', async () => {
    const { run, failure } = await measure([loaded(analyzed)], (event, interrupt) => {
      if (event.kind === 'step' && event.step === 'comparing answers and counting') interrupt()
    })
    expect(failure).toBeInstanceOf(InterruptedError)
    expect(run).toMatchObject({ status: 'partial', scenarios: [] })
    expect(cached().others).toEqual([])
  })

  test('keeps the scenarios that were complete before', async () => {
    const { run, failure } = await measure(
      [loaded(analyzed), loaded(analyzed, 'second')],
      (event, interrupt) => {
        if (event.kind === 'scenario' && event.id === 'second') interrupt()
      },
    )
    expect(failure).toBeInstanceOf(InterruptedError)
    expect(run.scenarios.map(({ id, complete }) => [id, complete])).toEqual([['tiny', true]])
  })
})
