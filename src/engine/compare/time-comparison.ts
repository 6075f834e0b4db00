import { InterruptedError } from '../../core/errors.ts'
import { runInChild } from '../../measure/child-process.ts'
import { planSteps } from '../../measure/round-plan.ts'
import { randomSequence, streamKey } from '../../random/random.ts'
import { compareApiAnswers } from './compare-api-answers.ts'
import { withSequences, type ComparisonResult, type ComparisonTask } from './compare-round.ts'
import { withServers, type RunningVariant } from './compared-servers.ts'
import type { Comparison } from './comparison.ts'
import { countRows } from '../load/count-rows.ts'

/** Requests of each kind whose answers are compared. */
const comparedRequests = 40
const entry = new URL(`./compare-round.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Compares answers, finds out how many requests make a slice, and measures round after round. Every finished round is in
 * the collector at once, so that an interruption keeps it.
 * @throws InvalidMeasurementError when answers differ; InterruptedError; TargetError when a process dies
 */
export async function timeComparison(comparison: Comparison): Promise<void> {
  const { options, api, variants, collector } = comparison
  const { rounds, signal, emit } = options
  const tables = createdTables(comparison)
  const before = await countEach(comparison, tables)
  await withServers(api, variants, async (running) => {
    collector.servers = Object.fromEntries(running.map(({ id, facts }) => [id, facts]))
    emit({ kind: 'step', text: 'comparing answers' })
    collector.answersCompared = await compareAnswers(comparison, running)
    emit({ kind: 'step', text: 'finding out how fast it is' })
    const { loads, blocksPerRound: mostBlocks } = comparison
    const pilot = await send(comparison, running, 0, { kind: 'pilot', loads, mostBlocks })
    collector.loads = pilot.loads
    collector.add(0, pilot)
  })
  for (let round = 1; round <= rounds; round += 1) {
    emit({ kind: 'step', text: 'measuring in rounds', done: round - 1, total: rounds })
    if (signal.aborted) throw new InterruptedError()
    const work = workOf(comparison, round)
    await withServers(api, variants, async (running) => {
      collector.add(round, await send(comparison, running, round, work))
    })
  }
  emit({ kind: 'step', text: 'measuring in rounds', done: rounds, total: rounds })
  const after = await countEach(comparison, tables)
  collector.rows = variants.flatMap(({ id }) =>
    tables.map((table) => ({
      variant: id,
      table,
      acknowledged: collector.createdBy(id)[table] ?? 0,
      found: Math.max(0, (after[id]?.[table] ?? 0) - (before[id]?.[table] ?? 0)),
    })),
  )
}

async function compareAnswers(comparison: Comparison, running: readonly RunningVariant[]): Promise<number> {
  const { loads, profile, options } = comparison
  const { signal } = options
  const ops = new Set(loads.flatMap(({ weights }) => Object.keys(weights)))
  const each = [...ops].map((op) => ({ id: op, weights: { [op]: 1 } }))
  const sequenced = await withSequences(filesOf(comparison), each, options.seed)
  const requests = sequenced.flatMap(({ sending }) =>
    Array.from({ length: comparedRequests }, (_, index) => sending.profile.sequence(index)),
  )
  return compareApiAnswers(running, requests, profile.profile.requests, signal).catch((error: unknown) => {
    throw signal.aborted ? new InterruptedError() : error
  })
}

function workOf({ options, variants, collector }: Comparison, round: number): ComparisonTask['work'] {
  const random = randomSequence(streamKey(options.seed, 'comparison', String(round)))
  const { loads } = collector
  const operations = loads.map(({ pace: { blocksPerRound: blocks } }) => ({
    blocks,
    sides: variants.map(() => ({ blocks })),
  }))
  return { kind: 'slices', loads, steps: planSteps(operations, random) }
}

function send(
  comparison: Comparison,
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

const filesOf = ({ profile, dataPath }: Comparison): Pick<ComparisonTask, 'profilePath' | 'dataPath'> => ({
  profilePath: profile.path,
  dataPath,
})

/** Tables that requests of the loads add rows to. */
function createdTables({ profile, loads }: Comparison): readonly string[] {
  const ops = new Set(loads.flatMap(({ weights }) => Object.keys(weights)))
  const tables = profile.profile.requests.flatMap(({ id, creates }) =>
    creates !== undefined && ops.has(id) ? [creates] : [],
  )
  return [...new Set(tables)]
}

/** Rows of each table, by id of the variant. */
async function countEach(
  { variants }: Comparison,
  tables: readonly string[],
): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  const counted = variants.map(async ({ id, path }) => [id, await countRows({ path, tables })] as const)
  return Object.fromEntries(await Promise.all(counted))
}
