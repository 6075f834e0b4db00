import { hash32, logNormal, normal, streamKeys, unit } from '../../../random/random.ts'
import type { CellValue } from '../file/cell.ts'
import type { Generation } from '../plan.ts'
import { timestamp } from './timeline.ts'
import type { ModelProfile } from '../vocabulary-source.ts'
import type { Task, TestCase } from '../vocabulary.ts'

/** The evaluation that test results belong to, as far as they depend on it. */
export interface Evaluated {
  readonly id: string
  readonly createdMs: number
  readonly model: ModelProfile
  readonly task: Task
  /** The key of the test suite: evaluations of one suite run the same cases in the same order. */
  readonly suiteKey: number
  readonly promptTokens: number
  readonly bytesPerToken: number
  /** What a test case scores here on average, 0 to 1. */
  readonly quality: number
}

/** What the results of one evaluation add up to. */
export interface ResultTotals {
  readonly results: number
  readonly meanScore: number
  readonly passed: number
  readonly latencyMs: number
  readonly tokens: number
  readonly costUsd: number
  /** From the evaluation's creation to its last result; whole milliseconds. */
  readonly elapsedMs: number
}

const fields = ['score', 'latency', 'usage'] as const
const passMark = 0.6
const partialMark = 0.35
/** So many cases of an evaluation run at a time. */
const lanes = 4
const startMs = 500

/** A number rounded to `digits` decimals, the same on every machine. */
export function rounded(value: number, digits: number): number {
  const unitsOfLast = 10 ** digits
  return Math.round(value * unitsOfLast) / unitsOfLast
}

/** What the model answered, by the score that it got: word for word what was expected at 1 alone. */
function answerOf(test: TestCase, score: number): string {
  if (score === 1) return test.expected
  if (score >= passMark) return test.good
  return score >= partialMark ? test.partial : test.wrong
}

/** Runs a case in the lane that is free first; `free` holds when each is. Returns when the case is done. */
function runInLane(free: Float64Array, latencyMs: number): number {
  let first = 0
  for (let lane = 1; lane < lanes; lane += 1) if (free[lane]! < free[first]!) first = lane
  free[first]! += latencyMs
  return free[first]!
}

/** A case of a suite by its number; where a suite has more than there are, they run again. Some expect nothing. */
function suiteCase(
  { cases }: Task,
  suiteKey: number,
  number: number,
): { readonly test: TestCase; readonly name: string; readonly expected: string | null } {
  const run = Math.floor(number / cases.length)
  const place = number - run * cases.length
  const test = cases[(suiteKey + place) % cases.length]!
  const name = run === 0 ? `${test.name} ${place + 1}` : `${test.name} ${place + 1} (${run + 1})`
  return { test, name, expected: unit(suiteKey, place) < 0.85 ? test.expected : null }
}

/** What a test case scored, and how long the model took. */
function drawOutcome(
  { model, quality }: Evaluated,
  scoreKey: number,
  latencyKey: number,
): { readonly score: number; readonly latencyMs: number } {
  const raw = quality + 0.16 * normal(unit(scoreKey, 1), unit(scoreKey, 2))
  const waitMs = logNormal(model.latencyMs, 0.45, unit(latencyKey, 1), unit(latencyKey, 2))
  return { score: rounded(Math.min(1, Math.max(0, raw)), 4), latencyMs: Math.max(20, Math.round(waitMs)) }
}

/** Makes the generator of one evaluation's results: rows `first` to `first + count - 1` of `test_results`. */
export function resultRows(
  generation: Generation,
): (
  evaluated: Evaluated,
  first: number,
  count: number,
  emit: (row: readonly CellValue[]) => void,
) => ResultTotals {
  const key = streamKeys(generation.plan.seed, 'test_results', fields)
  return (evaluated, first, count, emit) => {
    const { id, createdMs, model, task, suiteKey, promptTokens, bytesPerToken } = evaluated
    let [scores, passes, latencies, allTokens, costs] = [0, 0, 0, 0, 0]
    const free = new Float64Array(lanes).fill(startMs)
    for (let index = first; index < first + count; index += 1) {
      const { test, name, expected } = suiteCase(task, suiteKey, index - first)
      const { score, latencyMs } = drawOutcome(
        evaluated,
        hash32(key.score, index),
        hash32(key.latency, index),
      )
      const passed = score >= passMark
      const answer = answerOf(test, score)
      // Models that think first use tokens that nobody sees.
      const hidden = hash32(key.usage, index) % 200
      const tokens = promptTokens + hidden + Math.ceil((test.input.length + answer.length) / bytesPerToken)
      const costUsd = rounded((tokens / 1000) * model.usdPerThousandTokens, 7)
      const doneMs = createdMs + runInLane(free, latencyMs)
      const stamp = timestamp(doneMs)
      emit([
        generation.rowId('test_results', index, doneMs),
        id,
        name,
        test.input,
        expected,
        answer,
        score,
        passed ? 1 : 0,
        latencyMs,
        tokens,
        costUsd,
        stamp,
        stamp,
      ])
      scores += score
      passes += passed ? 1 : 0
      latencies += latencyMs
      allTokens += tokens
      costs += costUsd
    }
    return {
      results: count,
      meanScore: count === 0 ? 0 : scores / count,
      passed: passes,
      latencyMs: latencies,
      tokens: allTokens,
      costUsd: costs,
      elapsedMs: Math.max(...free),
    }
  }
}
