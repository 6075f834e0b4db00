import { runInChild } from '../../measure/child-process.ts'
import { hostContention, machineState } from '../../measure/machine-state.ts'
import { randomSequence, shuffled, streamKey } from '../../random/random.ts'
import type { LoadedSweep } from '../../scenario/sweep/load-sweep.ts'
import { withScratchFolder } from '../../stage/scratch-folder.ts'
import type { Emit } from '../experiment/event.ts'
import { takeRounds } from '../experiment/rounds.ts'
import type { SweepRoundResult, SweepRoundTask } from './sweep-round.ts'

/** Carries out one round in a fresh process; a test passes its own. */
export type RunSweepRound = (task: SweepRoundTask, signal: AbortSignal) => Promise<SweepRoundResult>

const entry = new URL(`./sweep-round.process${import.meta.url.slice(-3)}`, import.meta.url)

/** The process may need to know where the libSQL server is. */
const runSweepRoundInChild: RunSweepRound = (task, signal) =>
  runInChild<SweepRoundTask, SweepRoundResult>(entry, task, signal, ['SQLD_BIN'])

/** Rounds to take, and how. */
interface SweepRounds {
  readonly seed: number
  readonly rounds: number
  /** Seconds of load at a point. */
  readonly seconds: number
  /** Seconds after which no round begins. */
  readonly maxSeconds: number
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly runRound?: RunSweepRound | undefined
}

/** A finished round and what the machine did meanwhile. */
export interface TakenSweepRound {
  readonly round: number
  readonly result: SweepRoundResult
  readonly seconds: number
  readonly contention: ReturnType<typeof hostContention>
}

/** Every point once a round, in an order of its own, so that what changes meanwhile meets all of them alike. */
export function takeSweepRounds(
  { id, path, sweep }: LoadedSweep,
  databasePath: string,
  { seed, seconds, rounds, maxSeconds, signal, emit, runRound = runSweepRoundInChild }: SweepRounds,
  take: (taken: TakenSweepRound) => void,
): Promise<void> {
  const points = sweep.points.map((point) => point.id)
  return takeRounds<readonly string[], TakenSweepRound>({
    mostRounds: rounds,
    fewestRounds: 1,
    maxSeconds,
    pilots: [],
    plan: (round) => shuffled(points, randomSequence(streamKey(seed, 'points', String(round)))),
    measure: (order, round) =>
      withScratchFolder(async (scratch) => {
        const task = { id, path, round, order, seed, seconds, databasePath, folder: await scratch() }
        const before = machineState()
        const startMs = performance.now()
        const result = await runRound(task, signal)
        const took = (performance.now() - startMs) / 1000
        return { round, result, seconds: took, contention: hostContention(before, machineState(), took) }
      }),
    collect: take,
    progress: (done) => emit({ kind: 'progress', scenario: id, step: 'timing', done, total: rounds }),
    signal,
  })
}
