import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { projectFiles, writeFiles } from '../../../fixtures/cli/user-project.ts'
import { InterruptedError } from '../../core/errors.ts'
import { judgeComparison } from '../../judge/load/judge-comparison.ts'
import type { LoadEvent } from '../../load/engine.ts'
import { parseRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import { decodeSamples } from '../../stats/encoded-samples.ts'
import { compareVariants } from './compare-variants.ts'
import { comparisonDefaults, type CompareVariantsOptions } from './prepared-comparison.ts'
import { referenceDatasets } from '../../reference/dataset.ts'

const options = (changes: Partial<CompareVariantsOptions> = {}): CompareVariantsOptions => ({
  ...comparisonDefaults,
  variants: ['baseline', 'composite'],
  scenario: 'indexes/composite',
  datasets: referenceDatasets,
  profile: 'load/prompts-api',
  mix: 'review',
  engine: 'autocannon',
  model: { kind: 'peak' },
  scale: 0.05,
  seed: 1,
  seconds: 2,
  rounds: 1,
  timeoutMs: 10_000,
  version: '0.0.0',
  signal: new AbortController().signal,
  emit: () => undefined,
  ...changes,
})

beforeAll(() => void vi.stubEnv('FORGEBENCH_CACHE', sharedCache))

const remains = (): readonly string[] =>
  readdirSync(join(sharedCache, 'stages')).filter((name) => name.startsWith(`clones-${process.pid}-`))

test('variants are served, loaded with the same requests in turns, and nothing is lost or left behind', async () => {
  const { run, failure } = await compareVariants(options())
  expect(failure).toBeUndefined()
  expect(parseRun(serializeRun(run), 'run.json')).toEqual(run)
  expect(run.loads.map(({ id }) => id)).toEqual(['review', 'list alone', 'create alone'])
  expect(run.answersCompared).toBe(40)
  expect(run.variants.map(({ server }) => server['schema'])).toEqual([
    'initial',
    'initial, composite-indexes',
  ])
  // A busy machine may make slices long, and then they are fewer.
  expect(run.slices.length).toBeGreaterThanOrEqual(3 * 2)
  expect(run.slices.length).toBeLessThanOrEqual(run.settings.blocksPerRound * 3 * 2)
  for (const { requests, load, failed, samplesNs } of run.slices) {
    expect(requests).toBe(run.loads[load]?.requestsPerSlice)
    expect(decodeSamples(samplesNs)).toHaveLength(requests)
    expect(failed).toBe(0)
  }
  expect(new Set(run.slices.map(({ variant }) => variant))).toEqual(new Set([0, 1]))
  const [one, two] = run.rows
  expect(one?.acknowledged).toBeGreaterThan(100)
  expect(one).toEqual({ ...one, variant: 'baseline', table: 'prompts', found: one?.acknowledged })
  expect(two).toEqual({ ...one, variant: 'composite' })
  expect(run.claims.map(({ id, parts }) => [id, parts.map(({ variant }) => variant)])).toEqual([
    ['C2', ['composite']],
  ])
  expect(judgeComparison(run).claims.map(({ status }) => status)).toEqual(['inconclusive'])
  expect(remains()).toEqual([])
})

test('at a fixed rate kinds of requests are told apart; interrupted, it keeps the rounds before', async () => {
  const stopping = new AbortController()
  const emit = (event: LoadEvent): void => {
    if (event.kind === 'step' && event.text.includes('rounds') && event.done === 1) stopping.abort()
  }
  const { run, failure } = await compareVariants(
    options({
      engine: 'open',
      model: { kind: 'open-model', ratePerSec: 100, spacing: 'uniform' },
      mix: 'reads',
      rounds: 2,
      signal: stopping.signal,
      emit,
    }),
  )
  expect(failure).toBeInstanceOf(InterruptedError)
  expect(run.status).toBe('partial')
  expect(run.claims).toEqual([])
  expect(new Set(run.slices.map(({ round }) => round))).toEqual(new Set([1]))
  const whole = run.slices.flatMap(({ op, requests }) => (op === null ? [requests] : []))
  expect(whole).toHaveLength(run.settings.blocksPerRound * 2)
  expect(new Set(whole)).toEqual(new Set([run.loads[0]?.requestsPerSlice]))
  const { pairs } = judgeComparison(run)
  expect(pairs.map(({ op }) => op)).toEqual([null, 'user-list', 'evaluations', 'score'])
  expect(remains()).toEqual([])
})

test('interrupted before anything was measured, it leaves nothing', async () => {
  const stopping = new AbortController()
  const emit = (event: LoadEvent): void => {
    if (event.kind === 'step' && event.text === 'comparing answers') stopping.abort()
  }
  await expect(compareVariants(options({ signal: stopping.signal, emit }))).rejects.toThrow(InterruptedError)
  expect(remains()).toEqual([])
})

test("a variant of somebody's own schema is refused with what the comparison stands on", async () => {
  const project = mkdtempSync(join(tmpdir(), 'forgebench-compare-'))
  writeFiles(project, {
    ...projectFiles,
    'migrations/user-index/up.sql': 'ALTER TABLE prompts RENAME TO notes;\n',
    'migrations/user-index/down.sql': 'ALTER TABLE notes RENAME TO prompts;\n',
  })
  try {
    const scenario = join(project, 'bench/prompts.ts')
    const comparison = compareVariants(options({ scenario, variants: ['baseline', 'indexed'], scale: 0.01 }))
    await expect(comparison).rejects.toMatchObject({
      code: 'COMPARE_SCHEMA',
      exit: 2,
      message: expect.stringMatching(
        /^prompts: variant indexed lacks .*prompts[^;]*; load compare serves .* stands on the tables prompts, /,
      ),
    })
    expect(remains()).toEqual([])
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})
