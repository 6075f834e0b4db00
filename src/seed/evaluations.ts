import { hash32, streamKeys, unit } from '../random/hash.ts'
import { logNormal } from '../random/log-normal.ts'
import { normal } from '../random/normal.ts'
import { uuidV4 } from '../random/uuid.ts'
import { weightedPick } from '../random/weighted-pick.ts'
import { apportion } from './apportion.ts'
import type { CellValue } from './cell.ts'
import { rowMomentMs, type Generation } from './plan.ts'
import { promptMoment } from './prompts.ts'
import { resultRows, rounded, type ResultTotals } from './test-results.ts'
import { language, oneOf } from './text.ts'
import { timestamp } from './timeline.ts'
import type { ModelProfile } from './vocabulary.ts'

/** Test results are dealt within blocks of this many evaluations: ten times as many results per block. */
export const evaluationBlockRows = 1000
const resultsPerEvaluation = 10

const fields = ['moment', 'prompt', 'status', 'weight', 'model', 'quality', 'suite', 'error', 'time'] as const
const failedShare = 0.03
const popularityDecay = 0.7
const waitingShare = 0.015

type Status = 'completed' | 'failed' | 'running' | 'pending'
type Emit = (row: readonly CellValue[]) => void

/** How many of the newest evaluations may not have finished yet. */
const newestCount = (evaluations: number): number =>
  Math.max(4, Math.min(600, Math.ceil(evaluations * waitingShare)))

/** The first of a block has always run, so that the block's results have a home. */
function statusOf(index: number, evaluations: number, uniform: number): Status {
  const mayWait = index >= evaluations - newestCount(evaluations) && index % evaluationBlockRows !== 0
  if (mayWait && uniform < 0.8) return uniform < 0.5 ? 'running' : 'pending'
  return uniform > 1 - failedShare && index % evaluationBlockRows !== 0 ? 'failed' : 'completed'
}

/**
 * The prompt that an evaluation is of: older than itself, and popular with a power law. A random prompt is
 * moved to the one that attracts its neighbourhood of 2^k prompts, where larger k are rarer by 0.7.
 */
function evaluatedPrompt(youngest: number, key: number): number {
  const around = Math.floor(unit(key, 1) * (youngest + 1))
  const level = Math.min(20, Math.floor(Math.log(1 - unit(key, 2)) / Math.log(popularityDecay)))
  const width = 2 ** level
  const start = Math.floor(around / width) * width
  return Math.min(youngest, start + (hash32(level, 77) % width))
}

function metrics(totals: ResultTotals): string {
  const passRate = rounded(totals.passed / totals.results, 4)
  const meanLatencyMs = Math.round(totals.latencyMs / totals.results)
  return `{"pass_rate":${passRate},"mean_latency_ms":${meanLatencyMs},"tokens":${totals.tokens},"cost_usd":${rounded(totals.costUsd, 6)}}`
}

/** The columns that depend on how an evaluation ended, from overall_score to error_message. */
function outcome(
  status: Status,
  model: ModelProfile,
  totals: ResultTotals,
  error: string,
): readonly CellValue[] {
  const { provider, model: name } = model
  if (status === 'pending' || status === 'running') return [null, null, null, provider, name, null]
  const elapsedMs = 500 + Math.round(totals.latencyMs / 4)
  if (status === 'failed') return [null, null, elapsedMs, provider, name, error]
  return [rounded(totals.meanScore, 4), metrics(totals), elapsedMs, provider, name, null]
}

/** Makes the generator of one block: it calls `evaluation` and `result` with every row of the two tables in order. */
export function evaluationBlocks(
  generation: Generation,
): (block: number, evaluation: Emit, result: Emit) => void {
  const { plan, counts, vocabulary, rowId } = generation
  const { prompts, evaluations } = counts
  const key = streamKeys(plan.seed, 'evaluations', fields)
  const pickModel = weightedPick(
    vocabulary.catalogue.models.map((value) => ({ value, weight: value.weight })),
  )
  const momentOf = promptMoment(generation)
  const results = resultRows(generation)
  const statusAt = (index: number): Status => statusOf(index, evaluations, unit(key.status, index))
  const weightOf = (index: number): number => {
    const status = statusAt(index)
    if (status === 'pending' || status === 'running') return 0
    const weight = logNormal(1, 0.9, unit(key.weight, index), unit(hash32(key.weight, index), 1))
    return status === 'failed' ? weight * 0.2 : weight
  }
  const emitOne = (
    index: number,
    firstResult: number,
    resultCount: number,
    evaluation: Emit,
    result: Emit,
  ): void => {
    const createdMs = rowMomentMs(key.moment, index, evaluations)
    const youngest = Math.max(0, Math.floor((index * prompts) / evaluations) - 1)
    const prompt = evaluatedPrompt(youngest, hash32(key.prompt, index))
    const id = rowId('evaluations', index, createdMs)
    const model = pickModel(unit(key.model, index))
    const draw = hash32(key.quality, index)
    const quality = model.quality + 0.09 * normal(unit(draw, 1), unit(draw, 2))
    const phrases = language(vocabulary, hash32(key.suite, prompt))
    const totals = results({ id, createdMs, model, phrases, quality }, firstResult, resultCount, result)
    const suite = hash32(key.suite, Math.floor(prompt / 8))
    const status = statusAt(index)
    const updatedMs = status === 'pending' ? createdMs : createdMs + 1000 + totals.latencyMs / 4
    evaluation([
      id,
      rowId('prompts', prompt, momentOf(prompt)),
      unit(suite, 0) < 0.8 ? uuidV4([suite, hash32(suite, 1), hash32(suite, 2), hash32(suite, 3)]) : null,
      status,
      ...outcome(status, model, totals, oneOf(vocabulary.catalogue.errors, hash32(key.error, index))),
      timestamp(createdMs),
      timestamp(updatedMs),
    ])
  }
  return (block, evaluation, result) => {
    const first = block * evaluationBlockRows
    const rows = Math.min(evaluationBlockRows, evaluations - first)
    const weights = Float64Array.from({ length: rows }, (_, position) => weightOf(first + position))
    let nextResult = first * resultsPerEvaluation
    for (const [position, count] of apportion(rows * resultsPerEvaluation, weights).entries()) {
      emitOne(first + position, nextResult, count, evaluation, result)
      nextResult += count
    }
  }
}
