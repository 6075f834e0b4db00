import { hash32, streamKeys, unit } from '../random/hash.ts'
import { logNormal } from '../random/log-normal.ts'
import { normal } from '../random/normal.ts'
import type { CellValue } from './cell.ts'
import type { Generation } from './plan.ts'
import { timestamp } from './timeline.ts'
import type { ModelProfile, Task, TestCase } from './vocabulary.ts'

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

/** The place in `free` that is free first. */
function firstFree(free: Float64Array): number {
  let first = 0
  for (let lane = 1; lane < lanes; lane += 1) if (free[lane]! < free[first]!) first = lane
  return first
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
    const { id, createdMs, model, task, suiteKey, promptTokens, bytesPerToken, quality } = evaluated
    let [scores, passes, latencies, allTokens, costs] = [0, 0, 0, 0, 0]
    const free = new Float64Array(lanes).fill(startMs)
    for (let index = first; index < first + count; index += 1) {
      const number = index - first
      const test = task.cases[(suiteKey + number) % task.cases.length]!
      // Where a suite asks for more than there are, its cases run again.
      const run = Math.floor(number / task.cases.length)
      const place = number - run * task.cases.length
      const draw = hash32(key.score, index)
      const raw = quality + 0.16 * normal(unit(draw, 1), unit(draw, 2))
      const score = rounded(Math.min(1, Math.max(0, raw)), 4)
      const passed = score >= passMark
      const answer = answerOf(test, score)
      const wait = hash32(key.latency, index)
      const latencyMs = Math.max(
        20,
        Math.round(logNormal(model.latencyMs, 0.45, unit(wait, 1), unit(wait, 2))),
      )
      // Models that think first use tokens that nobody sees.
      const hidden = hash32(key.usage, index) % 200
      const tokens = promptTokens + hidden + Math.ceil((test.input.length + answer.length) / bytesPerToken)
      const costUsd = rounded((tokens / 1000) * model.usdPerThousandTokens, 7)
      const lane = firstFree(free)
      free[lane]! += latencyMs
      const doneMs = createdMs + free[lane]!
      const stamp = timestamp(doneMs)
      emit([
        generation.rowId('test_results', index, doneMs),
        id,
        run === 0 ? `${test.name} ${place + 1}` : `${test.name} ${place + 1} (${run + 1})`,
        test.input,
        unit(suiteKey, place) < 0.85 ? test.expected : null,
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
    const meanScore = count === 0 ? 0 : scores / count
    return {
      results: count,
      meanScore,
      passed: passes,
      latencyMs: latencies,
      tokens: allTokens,
      costUsd: costs,
      elapsedMs: Math.max(...free),
    }
  }
}
