import { hash32, streamKeys, unit } from '../random/hash.ts'
import { logNormal } from '../random/log-normal.ts'
import { normal } from '../random/normal.ts'
import { uuidV4 } from '../random/uuid.ts'
import { weightedPick } from '../random/weighted-pick.ts'
import { apportion } from './apportion.ts'
import type { CellValue } from './cell.ts'
import { rowMomentMs, type Generation } from './plan.ts'
import type { PromptPlan } from './prompt-plan.ts'
import { promptBytes, promptSubject } from './prompt-text.ts'
import { resultRows, rounded, type ResultTotals } from './test-results.ts'
import { oneOf } from './text.ts'
import { anchorMs, timestamp } from './timeline.ts'
import type { Catalogue, ModelProfile } from './vocabulary.ts'

/** Test results are dealt within blocks of this many evaluations: ten times as many results per block. */
export const evaluationBlockRows = 1000
const resultsPerEvaluation = 10

const fields = ['moment', 'prompt', 'status', 'weight', 'model', 'quality', 'error'] as const
const failedShare = 0.03
const popularityDecay = 0.7
const waitingShare = 0.015
const hourMs = 3_600_000

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

/** An evaluation as far as its own row depends on how it ran. */
interface Course {
  readonly status: Status
  readonly model: ModelProfile
  readonly totals: ResultTotals
  readonly error: Catalogue['errors'][number]
}

/** How long an evaluation took; undefined while it waits or runs. A failed one ends with the call that failed. */
function executionMs({ status, totals, error }: Course): number | undefined {
  if (status === 'pending' || status === 'running') return undefined
  return status === 'failed' ? totals.elapsedMs + error.afterMs : totals.elapsedMs
}

/** The columns that depend on how an evaluation ended, from overall_score to error_message. */
function outcome(course: Course): readonly CellValue[] {
  const { status, model, totals, error } = course
  const { provider, model: name } = model
  const elapsedMs = executionMs(course)
  if (elapsedMs === undefined) return [null, null, null, provider, name, null]
  if (status === 'failed') return [null, null, elapsedMs, provider, name, error.message]
  return [rounded(totals.meanScore, 4), metrics(totals), elapsedMs, provider, name, null]
}

/** Makes the generator of one block: it calls `evaluation` and `result` with every row of the two tables in order. */
export function evaluationBlocks(
  generation: Generation,
  promptsPlanned: PromptPlan,
): (block: number, evaluation: Emit, result: Emit) => void {
  const { plan, counts, vocabulary, rowId } = generation
  const { prompts, evaluations } = counts
  const key = streamKeys(plan.seed, 'evaluations', fields)
  const pickModel = weightedPick(
    vocabulary.catalogue.models.map((value) => ({ value, weight: value.weight })),
  )
  const results = resultRows(generation)
  const statusAt = (index: number): Status => statusOf(index, evaluations, unit(key.status, index))
  const weightOf = (index: number): number => {
    const status = statusAt(index)
    if (status === 'pending' || status === 'running') return 0
    const weight = logNormal(1, 0.9, unit(key.weight, index), unit(hash32(key.weight, index), 1))
    return status === 'failed' ? weight * 0.2 : weight
  }
  /** A prompt that was there until the evaluation had ended; what waits or runs now has a prompt now. */
  const livingPrompt = (index: number, createdMs: number, status: Status): number => {
    const youngest = Math.max(0, Math.floor((index * prompts) / evaluations) - 1)
    const neededUntilMs = status === 'pending' || status === 'running' ? anchorMs : createdMs + hourMs
    let prompt = evaluatedPrompt(youngest, hash32(key.prompt, index))
    // It ends: the first of 25 prompts is never deleted.
    while (promptsPlanned.deletedMs(prompt) <= neededUntilMs) prompt -= 1
    return prompt
  }
  const emitOne = (
    index: number,
    firstResult: number,
    resultCount: number,
    evaluation: Emit,
    result: Emit,
  ): void => {
    const createdMs = rowMomentMs(key.moment, index, evaluations)
    const status = statusAt(index)
    const prompt = livingPrompt(index, createdMs, status)
    const { chainKey, version } = promptsPlanned.facts(prompt)
    const { language, task } = promptSubject(vocabulary, chainKey)
    const id = rowId('evaluations', index, createdMs)
    const model = pickModel(unit(key.model, index))
    const draw = hash32(key.quality, index)
    const quality = model.quality + 0.09 * normal(unit(draw, 1), unit(draw, 2))
    const { bytesPerToken } = language
    const promptTokens = Math.ceil(promptBytes(chainKey, version) / bytesPerToken)
    const suiteKey = hash32(chainKey, 16)
    const totals = results(
      { id, createdMs, model, task, suiteKey, promptTokens, bytesPerToken, quality },
      firstResult,
      resultCount,
      result,
    )
    const course = {
      status,
      model,
      totals,
      error: oneOf(vocabulary.catalogue.errors, hash32(key.error, index)),
    }
    const updatedMs = createdMs + (executionMs(course) ?? (status === 'running' ? 1000 : 0))
    evaluation([
      id,
      rowId('prompts', prompt, promptsPlanned.createdMs(prompt)),
      unit(suiteKey, 0x1_0000) < 0.8
        ? uuidV4([suiteKey, hash32(suiteKey, 1), hash32(suiteKey, 2), hash32(suiteKey, 3)])
        : null,
      status,
      ...outcome(course),
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
