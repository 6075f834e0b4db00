import { InterruptedError } from '../core/errors.ts'
import {
  shuffled,
  spreadSteps,
  type RoundOperation,
  type RoundPlan,
  type RoundResult,
} from '../measure/round-plan.ts'
import { streamKey } from '../random/hash.ts'
import { randomSequence } from '../random/sequence.ts'
import { needsClock } from '../scenario/budget.ts'
import { rotated, slowerMedians, type SlowerMedians } from './gate-round-work.ts'
import {
  cutPairs,
  defaultGateSampling,
  pilotSamplings,
  type GateSampling,
  type PairCut,
} from './gate-sampling.ts'
import type { Measurement } from './measurement.ts'
import { withCopies, type RoundCopies } from './round-copies.ts'
import type { DrawnOperation } from './round-work.ts'
import { runRoundInChild } from './time-gate-rounds.ts'
import type { TimingCollector } from './timings.ts'
import { acknowledgedIn, refuseLostWrites } from './verify-writes.ts'

/** Transactions of a write in a round, all in one slice. */
const transactions = { pilot: 4, round: 40 }

export interface BudgetRounds {
  readonly rounds: number
  readonly operationMs: number
  readonly maxSeconds: number
}

/**
 * The rounds that budgets on time need, each in a fresh process on fresh copies of the databases. Every finished round
 * is in `collector` at once, so that an interruption keeps it.
 * @throws InvalidMeasurementError when variants differ in rows, or acknowledged writes are missing after a round
 */
export async function timeBudgetRounds(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  { rounds, operationMs, maxSeconds }: BudgetRounds,
  collector: TimingCollector,
): Promise<void> {
  const { loaded, options } = measurement
  const timed = timedOperations(measurement, drawn)
  const startMs = performance.now()
  const progress = (done: number): void =>
    options.emit({ kind: 'progress', scenario: loaded.id, step: 'timing', done, total: rounds })
  const sampling = { ...defaultGateSampling, operationMs }
  let medians: SlowerMedians = new Map()
  progress(0)
  for (const pilot of pilotSamplings) {
    medians = slowerMedians(await oneRound(measurement, timed, { ...sampling, ...pilot }, medians, 0))
  }
  for (let round = 1; round <= rounds; round++) {
    if ((performance.now() - startMs) / 1000 > maxSeconds) return
    if (options.signal.aborted) throw new InterruptedError()
    collector.add(await oneRound(measurement, timed, sampling, medians, round))
    progress(round)
  }
}

/** The operations with a budget on time, on the variants that have it. */
function timedOperations(
  { loaded, variants }: Measurement,
  drawn: readonly DrawnOperation[],
): readonly DrawnOperation[] {
  const budgets = (loaded.scenario.budgets ?? []).filter(needsClock)
  return drawn.flatMap((each) => {
    const taking = each.variants.filter((index) =>
      budgets.some(
        ({ operation, variant }) => operation === each.operation.id && variant === variants[index]?.id,
      ),
    )
    return taking.length === 0 ? [] : [{ ...each, variants: taking }]
  })
}

async function oneRound(
  measurement: Measurement,
  timed: readonly DrawnOperation[],
  sampling: GateSampling,
  medians: SlowerMedians,
  round: number,
): Promise<RoundResult> {
  const { variants, stages, options } = measurement
  const random = randomSequence(streamKey(options.seed, 'budget copies', String(round)))
  const order = shuffled([...variants.keys()], random)
  const writes = timed.some(({ operation }) => operation.kind === 'write')
  const paths = stages.map(({ path }) => path)
  return withCopies(paths, order, writes, async (copies) => {
    const plan = planBudgetRound(measurement, timed, copies, sampling, medians, round)
    const result = await runRoundInChild(plan, options.signal)
    verifyRound(measurement, timed, copies, result)
    return result
  })
}

function planBudgetRound(
  { variants, options }: Measurement,
  timed: readonly DrawnOperation[],
  copies: readonly (RoundCopies | null)[],
  sampling: GateSampling,
  medians: SlowerMedians,
  round: number,
): RoundPlan {
  const operations = timed.map(({ operation, args, variants: taking }): RoundOperation => {
    const isRead = operation.kind === 'read'
    const cut = isRead ? cutPairs(medians.get(operation.id) ?? 1e6, sampling) : writeCut(round)
    const samples = cut.pairs * cut.samplesPerPair
    return {
      id: operation.id,
      kind: operation.kind,
      sql: operation.sql,
      samplesPerSlice: cut.samplesPerPair,
      samplesPerTurn: cut.samplesPerTurn,
      statementsPerSample: isRead ? 1 : operation.statementsPerTransaction,
      warmupSamples: cut.warmupSamples,
      blocks: cut.pairs,
      firstBlock: 0,
      variants: taking,
      // A write finds the same rows in every round, since its copy is a fresh one.
      args: args.map((tuples) => (isRead ? rotated(tuples, Math.max(round - 1, 0) * samples) : tuples)),
    }
  })
  const halves = operations.reduce((sum, { variants: taking }) => sum + taking.length / 2, 0)
  return {
    round,
    variants: variants.map(({ id, driver }, index) => ({
      id,
      driver: driver ?? 'libsql',
      readPath: copies[index]?.read ?? '',
      writePath: copies[index]?.write ?? null,
    })),
    operations,
    steps: spreadSteps(operations, randomSequence(streamKey(options.seed, 'budget round', String(round)))),
    timeLimitMs: Math.max(halves, 1) * sampling.operationMs * sampling.longestRound,
  }
}

function writeCut(round: number): PairCut {
  const samples = round === 0 ? transactions.pilot : transactions.round
  return { pairs: 1, samplesPerPair: samples, samplesPerTurn: samples, warmupSamples: 0 }
}

/** Acknowledged is stored, in every round: its copies are gone afterwards. */
function verifyRound(
  { loaded, variants, stages }: Measurement,
  timed: readonly DrawnOperation[],
  copies: readonly (RoundCopies | null)[],
  result: RoundResult,
): void {
  for (const [index, { id }] of variants.entries()) {
    const written = copies[index]?.write ?? null
    if (written === null) continue
    const acknowledged = acknowledgedIn(result, timed, id, index)
    refuseLostWrites({ scenario: loaded.id, variant: id }, stages[index]?.path ?? '', written, acknowledged)
  }
}
