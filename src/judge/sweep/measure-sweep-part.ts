import type { MeasuredSweep, SweepPartRun, SweepRun } from '../../run/sweep/sweep-run.ts'
import type { PartMeasurement } from '../../run/verdict.ts'
import { decideChange, type ClaimedChange } from '../../stats/decide-change.ts'
import { hodgesLehmann } from '../../stats/hodges-lehmann.ts'
import { levelOverRounds } from '../../stats/value-over-rounds.ts'
import { effectsOf, valuesOf } from './sweep-values.ts'

type Analyses = SweepRun['settings']['analyses']

/** What a part of a claim speaks of, and what it says of the claim, from the rounds of its sweep. */
export function measureSweepPart(
  sweep: MeasuredSweep,
  part: SweepPartRun,
  analyses: Analyses,
): PartMeasurement {
  switch (part.measure) {
    case 'sweep': {
      const effects = effectsOf(sweep, part.metric, part.variant, part.versus)
      const sides = `${part.variant} and ${part.versus}`
      return decided(effects, part.claimed, analyses, `no round gave ${part.metric} above 0 at ${sides}`)
    }
    case 'sweep-limit':
      return limited(sweep, part, analyses)
  }
}

const noChange: ClaimedChange = { from: 0, to: 0 }

/**
 * A limit is held when the level is not on its wrong side: judged as a claimed change of nothing, of the level against the
 * limit where it is to be at least that, of the limit against the level where at most.
 */
function limited(
  sweep: MeasuredSweep,
  part: Extract<SweepPartRun, { measure: 'sweep-limit' }>,
  analyses: Analyses,
): PartMeasurement {
  const values = valuesOf(sweep, part.variant, part.metric)
  const least = 'atLeast' in part.claimed
  const limit = 'atLeast' in part.claimed ? part.claimed.atLeast : part.claimed.atMost
  const isPositive = limit > 0 && values.every((value) => value > 0)
  // Of 0 there is no logarithm; the sign of the difference decides as well.
  const distance = (value: number): number => (isPositive ? Math.log(value / limit) : value - limit)
  const effects = values.map((value) => (least ? distance(value) : -distance(value)))
  const measured = decided(effects, noChange, analyses, `no round gave ${part.metric} at ${part.variant}`)
  if (measured.state === 'missing' || measured.basis.kind !== 'rounds') return measured
  const { rounds, confidence } = measured.basis
  const level = levelOverRounds(values.slice(0, rounds), confidence ?? 1)
  switch (level.state) {
    case 'measured':
      return { ...measured, level: level.interval }
    case 'too-few-rounds':
      return { ...measured, level: { estimate: level.estimate, low: -Infinity, high: Infinity } }
    case 'nothing':
      return measured
  }
}

function decided(
  effects: readonly number[],
  claimed: ClaimedChange,
  analyses: Analyses,
  nothing: string,
): PartMeasurement {
  if (effects.length === 0) return { state: 'missing', reason: nothing }
  const decision = decideChange(effects, claimed, analyses)
  if (decision === undefined) {
    const basis = { kind: 'rounds', rounds: effects.length, confidence: null, roundsNeeded: null } as const
    return { state: 'too-few', estimate: Math.exp(hodgesLehmann(effects)) - 1, basis }
  }
  const { status, change, rounds, alpha, roundsNeeded } = decision
  return {
    state: 'measured',
    status,
    change,
    basis: { kind: 'rounds', rounds, confidence: 1 - 2 * alpha, roundsNeeded },
  }
}
