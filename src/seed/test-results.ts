import { hash32, streamKeys, unit } from '../random/hash.ts'
import { logNormal } from '../random/log-normal.ts'
import { normal } from '../random/normal.ts'
import type { CellValue } from './cell.ts'
import type { Generation } from './plan.ts'
import { oneOf } from './text.ts'
import { timestamp } from './timeline.ts'
import type { ModelProfile, Phrases } from './vocabulary.ts'

/** The evaluation that test results belong to, as far as they depend on it. */
export interface Evaluated {
  readonly id: string
  readonly createdMs: number
  readonly model: ModelProfile
  readonly phrases: Phrases
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
}

const fields = ['text', 'score', 'latency', 'passed', 'usage'] as const
const passMark = 0.6

const clamp = (value: number): number => Math.min(1, Math.max(0, value))

/** A number rounded to `digits` decimals, the same on every machine. */
export function rounded(value: number, digits: number): number {
  const unitsOfLast = 10 ** digits
  return Math.round(value * unitsOfLast) / unitsOfLast
}

/** Passing depends on the score; one judgement of fifty goes the other way, as with human reviewers. */
const judge = (score: number, uniform: number): boolean => score >= passMark !== uniform < 0.02

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
  return ({ id, createdMs, model, phrases, quality }, first, count, emit) => {
    let [scores, passes, latencies, allTokens, costs] = [0, 0, 0, 0, 0]
    for (let index = first; index < first + count; index += 1) {
      const text = hash32(key.text, index)
      const draw = hash32(key.score, index)
      const score = rounded(clamp(quality + 0.16 * normal(unit(draw, 1), unit(draw, 2))), 4)
      const passed = judge(score, unit(key.passed, index))
      const wait = hash32(key.latency, index)
      const latencyMs = Math.max(
        20,
        Math.round(logNormal(model.latencyMs, 0.45, unit(wait, 1), unit(wait, 2))),
      )
      const answer = oneOf(phrases.answers, hash32(text, 1))
      const question = oneOf(phrases.questions, hash32(text, 2))
      const tokens = 60 + Math.floor((question.length + answer.length) / 3) + (hash32(key.usage, index) % 400)
      const costUsd = rounded((tokens / 1000) * model.usdPerThousandTokens, 7)
      const doneMs = createdMs + 1000 + (index - first) * (latencyMs / 4)
      const stamp = timestamp(doneMs)
      emit([
        generation.rowId('test_results', index, Math.floor(doneMs)),
        id,
        `${oneOf(phrases.cases, hash32(text, 3))} ${index - first + 1}`,
        `{"input":"${question}","locale":"${hash32(text, 4) % 3 === 0 ? 'ja-JP' : 'en-US'}"}`,
        unit(text, 5) < 0.85 ? answer : null,
        passed ? answer : oneOf(phrases.answers, hash32(text, 6)),
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
    }
  }
}
