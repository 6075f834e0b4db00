import { InterruptedError } from '../../core/errors.ts'
import { environmentStamp } from '../../run/environment.ts'
import { runHeader } from '../../run/run-header.ts'
import type { MeasuredSweep, SweepRun } from '../../run/sweep/sweep-run.ts'
import type { LoadedSweep } from '../../scenario/sweep/load-sweep.ts'
import type { Stage } from '../../stage/stage.ts'
import { engineVersions } from '../../target/versions.ts'
import type { Emit } from '../experiment/event.ts'
import { confidence, fixedRounds } from '../experiment/sampling.ts'
import { stagePlans } from '../experiment/stage-scenario.ts'
import { assembleSweep } from './assemble-sweep.ts'
import { takeSweepRounds, type RunSweepRound, type TakenSweepRound } from './take-sweep-rounds.ts'

/** The fewest rounds with which a 95 % interval exists. */
const defaultRounds = 6
const defaultScale = 0.05

export interface SweepOptions {
  readonly seed: number
  /** Size of the data; what a sweep says itself when undefined. */
  readonly scale?: number | undefined
  /** Rounds; 6 when undefined. */
  readonly rounds?: number | undefined
  /** Seconds of load at a point; what a sweep says itself when undefined. */
  readonly seconds?: number | undefined
  /** Seconds, of all sweeps together, after which no round begins. */
  readonly maxSeconds: number
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly runRound?: RunSweepRound
}

/** What became of a run: everything measured, and the error that cut it short, if any. */
export interface SweepOutcome {
  readonly run: SweepRun
  /** Undefined for a complete run. */
  readonly failure: unknown
}

/**
 * Measures sweeps one after another. It does not throw for a failure in the middle: the rounds before it are in the run,
 * marked partial, and the failure stands beside it.
 */
export async function measureSweeps(
  sweeps: readonly LoadedSweep[],
  version: string,
  options: SweepOptions,
): Promise<SweepOutcome> {
  const startedAt = new Date()
  const startMs = performance.now()
  const environment = environmentStamp(engineVersions())
  const measured: MeasuredSweep[] = []
  let failure: unknown
  for (const [index, loaded] of sweeps.entries()) {
    const secondsLeft = options.maxSeconds - (performance.now() - startMs) / 1000
    const outcome = await measureSweep(loaded, options, secondsLeft / (sweeps.length - index))
    if (outcome.sweep !== undefined) measured.push(outcome.sweep)
    failure = outcome.failure
    if (failure !== undefined) break
  }
  const status = failure === undefined ? 'complete' : 'partial'
  const run: SweepRun = {
    ...runHeader({ startedAt, finishedAt: new Date(), status, version }),
    kind: 'sweep',
    environment,
    settings: {
      seed: options.seed,
      analyses: fixedRounds(options.rounds ?? defaultRounds),
      maxSeconds: options.maxSeconds,
      confidence,
    },
    sweeps: measured,
  }
  return { run, failure }
}

interface OneSweep {
  /** Undefined when not a round was measured. */
  readonly sweep: MeasuredSweep | undefined
  readonly failure: unknown
}

async function measureSweep(
  loaded: LoadedSweep,
  options: SweepOptions,
  maxSeconds: number,
): Promise<OneSweep> {
  const { id, sweep } = loaded
  const { emit, signal } = options
  const scale = options.scale ?? sweep.scale ?? defaultScale
  const seconds = options.seconds ?? sweep.seconds ?? 1
  const rounds: TakenSweepRound[] = []
  let stage: Stage | undefined
  let failure: unknown
  emit({ kind: 'scenario', id, title: sweep.title })
  try {
    if (signal.aborted) throw new InterruptedError()
    emit({ kind: 'step', scenario: id, step: 'staging databases' })
    stage = await stageSweep(loaded, scale, options)
    const order = { ...options, rounds: options.rounds ?? defaultRounds, maxSeconds, seconds }
    await takeSweepRounds(loaded, stage.path, order, (taken) => rounds.push(taken))
  } catch (error) {
    failure = error
  }
  return stage === undefined || rounds.length === 0
    ? { sweep: undefined, failure }
    : { sweep: assembleSweep(loaded, stage, rounds, { scale, seconds, failure }), failure }
}

async function stageSweep(
  { id, sweep, dataset, migrationsFolder }: LoadedSweep,
  scale: number,
  { seed, emit, signal }: SweepOptions,
): Promise<Stage> {
  const plan = {
    dataset,
    data: { scale, seed, ids: 'v4' },
    migrations: sweep.migrations ?? [],
    statistics: sweep.statistics ?? 'analyzed',
    migrationsFolder,
  } as const
  return (await stagePlans(id, [plan], { emit, signal }))(plan)
}
