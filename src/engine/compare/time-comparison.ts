import { InterruptedError } from '../../core/errors.ts'
import { runInChild } from '../../measure/child-process.ts'
import { planSteps } from '../../measure/round-plan.ts'
import { randomSequence, streamKey } from '../../random/random.ts'
import { compareApiAnswers } from './compare-api-answers.ts'
import { withSequences, type ComparisonResult, type ComparisonTask } from './compare-round.ts'
import { withServers, type RunningVariant } from './compared-servers.ts'
import type { PreparedComparison } from './prepared-comparison.ts'
import { takeRounds } from '../experiment/rounds.ts'
import { addedRows, countRows, createdTables, type RowCounts } from '../load/row-counter.ts'

/** Requests of each kind whose answers are compared. */
const comparedRequests = 40
const entry = new URL(`./compare-round.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Compares answers, finds out how many requests make a slice, and measures round after round. Every finished round is in
 * the collector at once, so that an interruption keeps it.
 * @throws InvalidMeasurementError when answers differ; InterruptedError; TargetError when a process dies
 */
export async function timeComparison(comparison: PreparedComparison): Promise<void> {
  const { options, api, profile, variants, loads, blocksPerRound: mostBlocks, collector } = comparison
  const { rounds, signal, emit } = options
  const tables = createdTables(profile.profile, (op) => loads.some(({ weights }) => op in weights))
  const before = await countEach(comparison, tables)
  await takeRounds<ComparisonTask['work'], ComparisonResult>({
    mostRounds: rounds,
    fewestRounds: rounds,
    maxSeconds: Infinity,
    pilots: [() => ({ kind: 'pilot', loads, mostBlocks })],
    plan: (round) => workOf(comparison, round),
    measure: (work, round) =>
      withServers(api, variants, async (running) => {
        if (work.kind === 'pilot') await compareAnswers(comparison, running)
        return send(comparison, running, round, work)
      }),
    collect: (result, round) => collector.add(round, result),
    progress: (done) => emit({ kind: 'step', text: 'measuring in rounds', done, total: rounds }),
    signal,
  })
  const after = await countEach(comparison, tables)
  collector.rows = variants.flatMap(({ id }) =>
    addedRows(collector.createdBy(id), before[id], after[id]).map((each) => ({ variant: id, ...each })),
  )
}

/** Before anything is timed: what each server says of itself, and that all of them answer alike. */
async function compareAnswers(
  comparison: PreparedComparison,
  running: readonly RunningVariant[],
): Promise<void> {
  const { loads, profile, options, collector } = comparison
  const { signal, emit } = options
  collector.servers = Object.fromEntries(running.map(({ id, facts }) => [id, facts]))
  emit({ kind: 'step', text: 'comparing answers' })
  const ops = new Set(loads.flatMap(({ weights }) => Object.keys(weights)))
  const each = [...ops].map((op) => ({ id: op, weights: { [op]: 1 } }))
  const sequenced = await withSequences(filesOf(comparison), each, options.seed)
  const requests = sequenced.flatMap(({ sending }) =>
    Array.from({ length: comparedRequests }, (_, index) => sending.profile.sequence(index)),
  )
  const { requests: kinds } = profile.profile
  const compared = compareApiAnswers(running, requests, kinds, signal).catch((error: unknown) => {
    throw signal.aborted ? new InterruptedError() : error
  })
  collector.answersCompared = await compared
  emit({ kind: 'step', text: 'finding out how fast it is' })
}

function workOf({ options, variants, collector }: PreparedComparison, round: number): ComparisonTask['work'] {
  const random = randomSequence(streamKey(options.seed, 'comparison', String(round)))
  const { loads } = collector
  const operations = loads.map(({ pace: { blocksPerRound: blocks } }) => ({
    blocks,
    sides: variants.map(() => ({ blocks })),
  }))
  return { kind: 'slices', loads, steps: planSteps(operations, random) }
}

function send(
  comparison: PreparedComparison,
  running: readonly RunningVariant[],
  round: number,
  work: ComparisonTask['work'],
): Promise<ComparisonResult> {
  const { options, sliceSeconds } = comparison
  const { engine, model, seed, connections, timeoutMs, signal } = options
  const settings = { engine, model, seed, connections, timeoutMs, sliceSeconds }
  const task: ComparisonTask = {
    settings,
    ...filesOf(comparison),
    targets: running.map(({ id, url }) => ({ id, url })),
    round,
    work,
  }
  return runInChild<ComparisonTask, ComparisonResult>(entry, task, signal)
}

const filesOf = ({
  profile,
  dataPath,
}: PreparedComparison): Pick<ComparisonTask, 'profilePath' | 'dataPath'> => ({
  profilePath: profile.path,
  dataPath,
})

/** Rows of each table, by id of the variant. */
async function countEach(
  { variants }: PreparedComparison,
  tables: readonly string[],
): Promise<Readonly<Record<string, RowCounts>>> {
  const counted = variants.map(async ({ id, path }) => [id, await countRows({ path, tables })] as const)
  return Object.fromEntries(await Promise.all(counted))
}
