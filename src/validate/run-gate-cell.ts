import { cpus } from 'node:os'
import { gateSettings } from '../engine/gate-settings.ts'
import { variantSide } from '../engine/side-variant.ts'
import { measureGate } from '../engine/measure-gate.ts'
import { judgeGate } from '../judge/gate.ts'
import { runInChild } from '../measure/child-process.ts'
import type { LookBudget } from '../stats/gate-looks.ts'
import type { RoundResult } from '../measure/round-plan.ts'
import { gateSides, type GateRun } from '../run/gate-run.ts'
import type { Slices } from '../run/run.ts'
import { sliceSeries, type SliceQuantity } from '../run/slice-series.ts'
import { loadScenario, type LoadedScenario } from '../scenario/load.ts'
import { withOperations } from '../scenario/with-operations.ts'
import { campaignSubject, type Cell, type PlantKind } from './cells.ts'
import { underCondition } from './condition.ts'
import type { Plant } from './plant.ts'
import type { PlantedRound } from './planted-round.ts'
import { settingsDigest } from './settings-digest.ts'
import type { GateRecord, PairColumns } from './records.ts'

const entry = new URL(`./planted-round.process${import.meta.url.slice(-3)}`, import.meta.url)
const mostSeconds = 400
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${process.platform}, Node ${process.versions.node}`

/** The scenario that the campaign measures, with its operations; what its budgets say is not the campaign's matter. */
export async function campaignScenario(): Promise<LoadedScenario> {
  const loaded = withOperations(await loadScenario(campaignSubject.scenario), campaignSubject.operations)
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
      return { sql, kind: 'delay', share: size }
    case 'sql':
      return { sql, kind: 'sql', rows: Math.round(size) }
    case 'held-7':
      return { sql, kind: 'tail', share: size, slowest: 0.07 }
    case 'held-3':
      return { sql, kind: 'tail', share: size, slowest: 0.03 }
  }
}

/** Carries out one whole gate of one schema against itself, with `plants` in the candidate, as the command does. */
export async function plantedGate(
  loaded: LoadedScenario,
  plants: readonly Plant[],
  chosen: { readonly orderSeed: number; readonly budget?: readonly LookBudget[] },
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
        pairs: {},
      }
    }
  })
}

function outcomeOf(run: GateRun): Pick<GateRecord, 'word' | 'operations' | 'rounds' | 'pairs'> {
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
    pairs: Object.fromEntries(
      campaignSubject.operations.map((operation) => [operation, pairColumns(run, operation)]),
    ),
  }
}

function pairColumns({ scenario }: GateRun, operation: string): PairColumns {
  const slicesOf = (side: string): Slices | undefined =>
    scenario.timings.find((timing) => timing.operation === operation && timing.variant === side)?.slices
  const baseline = slicesOf(gateSides.baseline)
  const candidate = slicesOf(gateSides.candidate)
  const both = (quantity: SliceQuantity): readonly [readonly number[], readonly number[]] => [
    column(baseline, quantity),
    column(candidate, quantity),
  ]
  return {
    samplesPerPair: baseline?.samples[0] ?? 0,
    round: baseline?.round ?? [],
    p95: both('p95'),
    p50: both('p50'),
    mean: both('mean'),
  }
}

const tensOfNs = (ns: number): number => Math.round(ns / 10)
const column = (slices: Slices | undefined, quantity: SliceQuantity): readonly number[] =>
  slices === undefined ? [] : sliceSeries(slices, quantity).value.map(tensOfNs)
