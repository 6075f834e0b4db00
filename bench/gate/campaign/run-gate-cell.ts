import { cpus } from 'node:os'
import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { variantSide } from '../../../src/engine/gate/sides/side-variant.ts'
import { measureGate } from '../../../src/engine/gate/measure-gate.ts'
import { judgeGate } from '../../../src/judge/gate/gate.ts'
import { runInChild } from '../../../src/measure/child-process.ts'
import type { GateLookBudget } from '../../../src/stats/gate-looks.ts'
import { roundEffects } from '../../../src/stats/over-rounds.ts'
import { quantile, sortNumbers } from '../../../src/stats/quantile.ts'
import type { SampledRound } from '../../../src/stats/sampled-slice.ts'
import type { RoundResult } from '../../../src/measure/round-plan.ts'
import { findTiming } from '../../../src/run/compare-timings.ts'
import { gateOperations } from '../../../src/run/gate-operations.ts'
import { gateSides, type GateRun } from '../../../src/run/gate-run.ts'
import { sampledRounds } from '../../../src/run/timed-rounds.ts'
import { loadScenario, type LoadedScenario } from '../../../src/scenario/load.ts'
import { withOperations } from '../../../src/scenario/with-operations.ts'
import { campaignSubject, type Cell, type PlantKind } from '../records/cells.ts'
import { underCondition } from './condition.ts'
import type { Plant } from './plant.ts'
import type { PlantedRound } from './planted-round.ts'
import { settingsDigest } from './settings-digest.ts'
import type { GateRecord, RecordedRounds, SliceColumns } from '../records/records.ts'
import { referenceDatasets } from '../../../src/reference/dataset.ts'

const entry = new URL(`./planted-round.process${import.meta.url.slice(-3)}`, import.meta.url)
const mostSeconds = 400
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${process.platform}, Node ${process.versions.node}`

/** The scenario that the campaign measures, with its operations; what its budgets say is not the campaign's matter. */
export async function campaignScenario(): Promise<LoadedScenario> {
  const loaded = withOperations(
    await loadScenario(campaignSubject.scenario, referenceDatasets),
    campaignSubject.operations,
  )
  return { ...loaded, scenario: { ...loaded.scenario, budgets: [] } }
}

/** The plant of a kind and size in one operation of the scenario. */
export function plantOf(
  { scenario }: LoadedScenario,
  kind: PlantKind,
  operation: string,
  size: number,
): Plant {
  const sql = scenario.operations.find(({ id }) => id === operation)?.sql ?? ''
  switch (kind) {
    case 'none':
      return { sql, kind: 'none' }
    case 'delay':
    case 'delay-5':
      return { sql, kind: 'delay', share: size }
    case 'sql':
      return { sql, kind: 'sql', rows: Math.round(size) }
    case 'held-7':
      return { sql, kind: 'tail', share: size, slowest: 0.07 }
    case 'held-3':
      return { sql, kind: 'tail', share: size, slowest: 0.03 }
    case 'stall':
      return { sql, kind: 'stall', factor: size, slices: 0.08 }
  }
}

/** Carries out one whole gate of one schema against itself, with `plants` in the candidate, as the command does. */
export async function plantedGate(
  loaded: LoadedScenario,
  plants: readonly Plant[],
  chosen: { readonly orderSeed: number; readonly budget?: readonly GateLookBudget[] },
  signal: AbortSignal,
): Promise<GateRun> {
  const side = variantSide(loaded, 'campaign', `variant:${campaignSubject.variant}`)
  const { seed, scale } = campaignSubject
  const { run, failure } = await measureGate(
    {
      baseline: side,
      candidate: side,
      settings: gateSettings({ seed, scale, maxSeconds: mostSeconds, ...chosen }),
      emit: () => undefined,
      signal,
      runRound: (plan) => runInChild<PlantedRound, RoundResult>(entry, { plan, plants }, signal),
    },
    'campaign',
  )
  if (failure !== undefined) throw failure
  return run
}

/** Runs a cell under its condition. What goes wrong is a result too, unless it is an interruption. */
export async function runGateCell(
  cell: Cell,
  size: number | null,
  { shard, signal }: { readonly shard: string; readonly signal: AbortSignal },
): Promise<GateRecord> {
  const loaded = await campaignScenario()
  const plants =
    cell.operation === null || size === null ? [] : [plantOf(loaded, cell.plant, cell.operation, size)]
  return underCondition(cell.condition, async () => {
    const startedAt = new Date().toISOString()
    const startMs = performance.now()
    const base = { ...cell, kind: 'gate', shard, startedAt, settings: settingsDigest, machine, size } as const
    const secondsSoFar = (): number => Math.round(performance.now() - startMs) / 1000
    try {
      const run = await plantedGate(loaded, plants, { orderSeed: cell.orderSeed }, signal)
      return { ...base, seconds: secondsSoFar(), error: null, ...outcomeOf(run) }
    } catch (error) {
      if (signal.aborted) throw error
      const words = error instanceof Error ? error.message : String(error)
      return {
        ...base,
        seconds: secondsSoFar(),
        word: 'error',
        error: words,
        operations: [],
        rounds: [],
        evidence: {},
        slices: {},
      }
    }
  })
}

function outcomeOf(run: GateRun): Pick<GateRecord, 'word' | 'operations' | 'rounds' | 'evidence' | 'slices'> {
  const verdict = judgeGate(run)
  return {
    word: verdict.word,
    operations: verdict.findings.map(({ operation, word, change, rounds }) => ({
      id: operation ?? '',
      word,
      rounds,
      estimate: change === null ? null : 1 + change.estimate,
      low: change === null ? null : 1 + change.low,
      high: change === null ? null : 1 + change.high,
    })),
    rounds: run.rounds,
    evidence: Object.fromEntries(
      campaignSubject.operations.map((operation) => [operation, recordedRounds(run, operation)]),
    ),
    slices: Object.fromEntries(
      campaignSubject.operations.map((operation) => [operation, sliceColumns(run, operation)]),
    ),
  }
}

type BothRounds = readonly [baseline: readonly SampledRound[], candidate: readonly SampledRound[]]

const bothRounds = ({ scenario }: GateRun, operation: string): BothRounds => {
  const of = (side: string): readonly SampledRound[] => {
    const timing = findTiming(scenario, operation, side)
    return timing === undefined ? [] : sampledRounds(timing)
  }
  return [of(gateSides.baseline), of(gateSides.candidate)]
}

function recordedRounds(run: GateRun, operation: string): RecordedRounds {
  const [baseline, candidate] = bothRounds(run, operation)
  const [found] = gateOperations(run.scenario.timings, [operation], 'p95')
  const evidence = found?.rounds ?? []
  const column = (effects: ReadonlyMap<number, number>): readonly (number | null)[] =>
    evidence.map(({ round }) => rounded(effects.get(round) ?? null))
  return {
    evidence,
    effects: {
      p50: column(roundEffects(candidate, baseline, 'p50')),
      mean: column(roundEffects(candidate, baseline, 'mean')),
      pooled: column(pooledEffects(candidate, baseline)),
    },
  }
}

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1e5) / 1e5

/** ln ratio of the 95th percentiles of all samples of a round, as they are. */
function pooledEffects(
  candidate: readonly SampledRound[],
  baseline: readonly SampledRound[],
): ReadonlyMap<number, number> {
  const p95 = ({ slices }: SampledRound): number =>
    quantile(sortNumbers(slices.flatMap(({ sortedNs }) => [...sortedNs])), 0.95)
  const others = new Map(baseline.map((each) => [each.round, each]))
  return new Map(
    candidate.flatMap((each) => {
      const other = others.get(each.round)
      return other === undefined ? [] : [[each.round, Math.log(p95(each) / p95(other))] as const]
    }),
  )
}

function sliceColumns(run: GateRun, operation: string): SliceColumns {
  const both = bothRounds(run, operation)
  const column = (value: (sortedNs: Float64Array) => number) =>
    both.map((rounds) =>
      rounds.flatMap(({ slices }) => slices.map(({ sortedNs }) => Math.round(value(sortedNs) / 10))),
    ) as [number[], number[]]
  return {
    round: both[0].flatMap(({ round, slices }) => slices.map(() => round)),
    p95: column((sortedNs) => quantile(sortNumbers(sortedNs), 0.95)),
    mean: column((sortedNs) => sortedNs.reduce((sum, ns) => sum + ns, 0) / sortedNs.length),
  }
}
