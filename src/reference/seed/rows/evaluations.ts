import { hash32, logNormal, normal, streamKeys, unit, uuidV4, weightedPick } from '../../../random/random.ts'
import { apportion } from './apportion.ts'
import type { CellValue } from '../file/cell.ts'
import { rowMomentMs, type Generation } from '../plan.ts'
import type { PromptFacts, PromptPlan } from './prompt-plan.ts'
import { promptBytes, promptSubject } from './prompt-text.ts'
import { resultRows, rounded, type Evaluated, type ResultTotals } from './test-results.ts'
import { oneOf } from './text.ts'
import { anchorMs, timestamp } from './timeline.ts'
import type { Catalogue, ModelProfile } from '../vocabulary-source.ts'
import type { Vocabulary } from '../vocabulary.ts'

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

const isWaiting = (status: Status): boolean => status === 'pending' || status === 'running'

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
  if (isWaiting(status)) return undefined
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

/** The id of a test suite; NULL where the cases of an evaluation were chosen by hand. */
const suiteId = (key: number): string | null =>
  unit(key, 0x1_0000) < 0.8 ? uuidV4([key, hash32(key, 1), hash32(key, 2), hash32(key, 3)]) : null

/** An evaluation of a prompt, with what its results take from the prompt. */
function evaluatedOf(
  vocabulary: Vocabulary,
  { chainKey, version }: PromptFacts,
  own: Pick<Evaluated, 'id' | 'createdMs' | 'model' | 'quality'>,
): Evaluated {
  const { language, task } = promptSubject(vocabulary, chainKey)
  const { bytesPerToken } = language
  const promptTokens = Math.ceil(promptBytes(chainKey, version) / bytesPerToken)
  return { ...own, task, suiteKey: hash32(chainKey, 16), promptTokens, bytesPerToken }
}

/** The prompt or the next older one that was not deleted until then. It ends: the first of 25 never is. */
function livingPrompt(plan: PromptPlan, wanted: number, neededUntilMs: number): number {
  let prompt = wanted
  while (plan.deletedMs(prompt) <= neededUntilMs) prompt -= 1
  return prompt
}

/** Makes the generator of one block: it calls `evaluation` and `result` with every row of the two tables in order. */
export function evaluationBlocks(
  generation: Generation,
  plan: PromptPlan,
): (block: number, evaluation: Emit, result: Emit) => void {
  const { counts, vocabulary, rowId } = generation
  const { prompts, evaluations } = counts
  const key = streamKeys(generation.plan.seed, 'evaluations', fields)
  const pickModel = weightedPick(
    vocabulary.catalogue.models.map((value) => ({ value, weight: value.weight })),
  )
  const results = resultRows(generation)
  const statusAt = (index: number): Status => statusOf(index, evaluations, unit(key.status, index))
  const weightOf = (index: number): number => {
    const status = statusAt(index)
    if (isWaiting(status)) return 0
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
    const status = statusAt(index)
    const youngest = Math.max(0, Math.floor((index * prompts) / evaluations) - 1)
    // What waits or runs has a prompt now; the others had it until they ended.
    const neededUntilMs = isWaiting(status) ? anchorMs : createdMs + hourMs
    const prompt = livingPrompt(plan, evaluatedPrompt(youngest, hash32(key.prompt, index)), neededUntilMs)
    const id = rowId('evaluations', index, createdMs)
    const model = pickModel(unit(key.model, index))
    const draw = hash32(key.quality, index)
    const quality = model.quality + 0.09 * normal(unit(draw, 1), unit(draw, 2))
    const evaluated = evaluatedOf(vocabulary, plan.facts(prompt), { id, createdMs, model, quality })
    const totals = results(evaluated, firstResult, resultCount, result)
    const error = oneOf(vocabulary.catalogue.errors, hash32(key.error, index))
    const course = { status, model, totals, error }
    const updatedMs = createdMs + (executionMs(course) ?? (status === 'running' ? 1000 : 0))
    evaluation([
      id,
      rowId('prompts', prompt, plan.createdMs(prompt)),
      suiteId(evaluated.suiteKey),
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
