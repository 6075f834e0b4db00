import { InterruptedError } from '../../core/errors.ts'
import { runInChild } from '../../measure/child-process.ts'
import { planSteps } from '../../measure/round-plan.ts'
import { streamKey } from '../../random/hash.ts'
import { randomSequence } from '../../random/sequence.ts'
import { compareApiAnswers } from './compare-api-answers.ts'
import { sequencesOf, type ComparisonResult, type ComparisonTask } from './compare-round.ts'
import { withServers } from './compared-servers.ts'
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
  const { options, databases, collector } = comparison
  const { rounds, signal, emit } = options
  const tables = createdTables(comparison)
  const before = await countEach(comparison, tables)
  await withServers(databases.paths, async (servers) => {
    const urls = servers.map(({ url }) => url)
    collector.servers = servers.map(({ facts }) => facts)
    emit({ kind: 'step', text: 'comparing answers' })
    collector.answersCompared = await compareAnswers(comparison, urls)
    emit({ kind: 'step', text: 'finding out how fast it is' })
    const pilot = await send(comparison, urls, 0, { kind: 'pilot', mostBlocks: comparison.blocksPerRound })
    collector.paces = pilot.paces
    collector.add(0, pilot)
  })
  for (let round = 1; round <= rounds; round += 1) {
    emit({ kind: 'step', text: 'measuring in rounds', done: round - 1, total: rounds })
    if (signal.aborted) throw new InterruptedError()
    const work = workOf(comparison, round)
    await withServers(databases.paths, async (servers) => {
      const urls = servers.map(({ url }) => url)
      collector.add(round, await send(comparison, urls, round, work))
    })
  }
  emit({ kind: 'step', text: 'measuring in rounds', done: rounds, total: rounds })
  const after = await countEach(comparison, tables)
  collector.rows = comparison.variants.flatMap(({ id }, variant) =>
    tables.map((table) => ({
      variant: id,
      table,
      acknowledged: collector.createdBy(variant)[table] ?? 0,
      found: Math.max(0, (after[variant]?.[table] ?? 0) - (before[variant]?.[table] ?? 0)),
    })),
  )
}

async function compareAnswers(comparison: Comparison, urls: readonly string[]): Promise<number> {
  const { variants, loads, profile, options } = comparison
  const { signal } = options
  const ops = new Set(loads.flatMap(({ weights }) => Object.keys(weights)))
  const each = [...ops].map((op) => ({ id: op, weights: { [op]: 1 } }))
  const sequences = await sequencesOf({ ...filesOf(comparison), loads: each, seed: options.seed })
  const requests = sequences.flatMap(({ sequence }) =>
    Array.from({ length: comparedRequests }, (_, index) => sequence(index)),
  )
  const servers = variants.map(({ id }, index) => ({ id, url: urls[index] ?? '' }))
  return compareApiAnswers(servers, requests, profile.profile.requests, signal).catch((error: unknown) => {
    throw signal.aborted ? new InterruptedError() : error
  })
}

function workOf({ options, variants, collector }: Comparison, round: number): ComparisonTask['work'] {
  const random = randomSequence(streamKey(options.seed, 'comparison', String(round)))
  const { paces } = collector
  const everyone = [...variants.keys()]
  const operations = paces.map(({ blocksPerRound: blocks }) => ({
    blocks,
    sides: everyone.map(() => ({ blocks })),
  }))
  return { kind: 'slices', paces, steps: planSteps(operations, random) }
}

function send(
  comparison: Comparison,
  targets: readonly string[],
  round: number,
  work: ComparisonTask['work'],
): Promise<ComparisonResult> {
  const { options, loads, sliceSeconds } = comparison
  const { engine, model, seed, connections, timeoutMs, signal } = options
  const settings = { engine, model, seed, connections, timeoutMs, sliceSeconds }
  const task: ComparisonTask = {
    settings,
    ...filesOf(comparison),
    targets,
    loads,
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

const countEach = (
  { databases }: Comparison,
  tables: readonly string[],
): Promise<readonly Readonly<Record<string, number>>[]> =>
  Promise.all(databases.paths.map((path) => countRows({ path, tables })))
