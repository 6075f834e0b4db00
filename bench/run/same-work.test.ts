import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseRun } from '../../src/run/read.ts'
import type { Evidence, Run, ScenarioRun } from '../../src/run/run.ts'
import { sampledRounds } from '../../src/run/timed-rounds.ts'
import { sideLevel } from '../../src/stats/over-rounds.ts'

/** Two variants that do the same work for an operation, and whether the intervals of their P50 meet. */
interface SameWork {
  readonly what: string
  readonly meets: boolean
}

/**
 * All pairs of variants of a run that answer an operation by one plan in the same number of VM steps, with the same bytes
 * to its log: their times must agree, or what is printed is no property of a variant.
 */
const sameWork = (run: Run): readonly SameWork[] =>
  run.scenarios.flatMap((scenario) =>
    scenario.evidence.flatMap((one, index) =>
      scenario.evidence
        .slice(index + 1)
        .filter((other) => workOf(scenario, one) === workOf(scenario, other))
        .flatMap((other) => pairOf(scenario, run.settings.confidence, one, other)),
    ),
  )

function workOf(
  { timings }: ScenarioRun,
  { operation, variant, plan, counters, executions }: Evidence,
): string {
  const driver = timings.find(
    (timing) => timing.operation === operation && timing.variant === variant,
  )?.driver
  const { vmSteps, walBytes } = counters
  return JSON.stringify([operation, plan.fingerprint, (vmSteps ?? 0) / executions, walBytes, driver])
}

function pairOf(
  scenario: ScenarioRun,
  confidence: number,
  one: Evidence,
  other: Evidence,
): readonly SameWork[] {
  const [a, b] = [one, other].map(({ operation, variant }) => {
    const timing = scenario.timings.find((each) => each.operation === operation && each.variant === variant)
    return timing === undefined ? undefined : sideLevel(sampledRounds(timing), 'p50', confidence)
  })
  if (a?.state !== 'measured' || b?.state !== 'measured') return []
  return [
    {
      what: `${scenario.id} ${one.operation}: ${one.variant} and ${other.variant}`,
      meets: a.interval.low <= b.interval.high && b.interval.low <= a.interval.high,
    },
  ]
}

test('in the committed sample, variants that do the same work have P50 intervals that meet', () => {
  const path = new URL('../../reports/sample/run.json', import.meta.url)
  const pairs = sameWork(parseRun(readFileSync(path, 'utf8'), 'run.json') as Run)
  expect(pairs.length).toBeGreaterThan(100)
  expect(pairs.filter(({ meets }) => !meets)).toEqual([])
})
