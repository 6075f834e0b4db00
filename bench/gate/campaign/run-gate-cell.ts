import { cpus } from 'node:os'
import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { variantSide } from '../../../src/engine/gate/sides/side-variant.ts'
import { measureGate } from '../../../src/engine/gate/measure-gate.ts'
import { judgeGate } from '../../../src/judge/gate/gate.ts'
import { runInChild } from '../../../src/measure/child-process.ts'
import type { GateAnalysis } from '../../../src/stats/interim-analyses.ts'
import { roundEffects } from '../../../src/stats/over-rounds.ts'
import { quantile, sortNumbers } from '../../../src/stats/quantile.ts'
import type { SampledRound } from '../../../src/stats/sampled-slice.ts'
import type { RoundResult } from '../../../src/measure/round-plan.ts'
import { findTiming, sampledRounds } from '../../../src/run/timed-rounds.ts'
import { gateOperations } from '../../../src/run/gate/gate-operations.ts'
import { gateSides, type GateRun } from '../../../src/run/gate/gate-run.ts'
import { loadScenario, type LoadedScenario } from '../../../src/scenario/load.ts'
import { withOperations } from '../../../src/scenario/with-operations.ts'
import { campaignSubject, type Cell, type SlowdownKind } from '../records/cells.ts'
import { underCondition } from './condition.ts'
import type { InjectedSlowdown } from './injected-slowdown.ts'
import type { SlowedRound } from './slowed-round.process.ts'
import { settingsDigest } from './settings-digest.ts'
import type { GateRecord, RecordedRounds, SliceColumns } from '../records/records.ts'
import { referenceDatasets } from '../../../src/reference/dataset.ts'

const entry = new URL('./slowed-round.process.ts', import.meta.url)
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

/** The slowdown of a kind and size in one operation of the scenario. */
export function slowdownOf(
  { scenario }: LoadedScenario,
  kind: SlowdownKind,
  operation: string,
  size: number,
): InjectedSlowdown {
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

/** Carries out one whole gate of one schema against itself, with `slowdowns` in the candidate, as the command does. */
export async function slowedGate(
  loaded: LoadedScenario,
  slowdowns: readonly InjectedSlowdown[],
  chosen: { readonly orderSeed: number; readonly budget?: readonly GateAnalysis[] },
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
      runRound: (plan) => runInChild<SlowedRound, RoundResult>(entry, { plan, slowdowns }, signal),
    },
    'campaign',
  )
  if (failure !== undefined) throw failure
  return run
}

/** Runs a cell under its condition. What goes wrong is a result too, unless it is an interruption. */
export async function runGateCell(cell: Cell, size: number | null, signal: AbortSignal): Promise<GateRecord> {
  const loaded = await campaignScenario()
  const slowdowns =
    cell.operation === null || size === null ? [] : [slowdownOf(loaded, cell.slowdown, cell.operation, size)]
  return underCondition(cell.condition, async () => {
    const startedAt = new Date().toISOString()
    const startMs = performance.now()
    const base = { ...cell, kind: 'gate', startedAt, settings: settingsDigest, machine, size } as const
    const secondsSoFar = (): number => Math.round(performance.now() - startMs) / 1000
    try {
      const run = await slowedGate(loaded, slowdowns, { orderSeed: cell.orderSeed }, signal)
      return { ...base, seconds: secondsSoFar(), error: null, ...outcomeOf(run) }
    } catch (error) {
      if (signal.aborted) throw error
      const words = error instanceof Error ? error.message : String(error)
      return {
        ...base,
        seconds: secondsSoFar(),
        status: 'error',
        error: words,
        operations: [],
        rounds: [],
        evidence: {},
        slices: {},
      }
    }
  })
}

function outcomeOf(
  run: GateRun,
): Pick<GateRecord, 'status' | 'operations' | 'rounds' | 'evidence' | 'slices'> {
  const verdict = judgeGate(run)
  return {
    status: verdict.status,
    operations: verdict.findings.map(({ operation, status, change, rounds }) => ({
      id: operation ?? '',
      status,
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
    },
  }
}

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1e5) / 1e5

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
