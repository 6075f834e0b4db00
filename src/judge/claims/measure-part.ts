import { findTiming, sampledRounds } from '../../run/timed-rounds.ts'
import type { ClaimPartRun, Run, ScenarioRun, Timing, VariantRun } from '../../run/run.ts'
import { decideChange, judgeChange } from '../../stats/decide-change.ts'
import { hodgesLehmann } from '../../stats/hodges-lehmann.ts'
import { fewestSamples } from '../../stats/levelled-round.ts'
import { roundEffects } from '../../stats/over-rounds.ts'
import { quantile, sortNumbers } from '../../stats/quantile.ts'
import { storedBytes } from '../../run/stored-bytes.ts'
import type { PartMeasurement } from '../../run/verdict.ts'

/** Repetitions from which the span between the smallest and the largest says something. */
export const fewestRepetitions = 3

type Analyses = Run['settings']['analyses']

/** The relative change that a part of a claim speaks of, and what it says of the claim, from the data of its scenario. */
export function measurePart(scenario: ScenarioRun, part: ClaimPartRun, analyses: Analyses): PartMeasurement {
  const variant = scenario.variants.find(({ id }) => id === part.variant)
  const versus = scenario.variants.find(({ id }) => id === part.versus)
  if (variant === undefined) return missing(`variant ${part.variant} was not measured`)
  if (versus === undefined) return missing(`variant ${part.versus} was not measured`)
  switch (part.measure) {
    case 'time':
    case 'throughput':
      return timed(scenario, part, analyses)
    case 'bytes':
      return bytes(variant, versus, part)
    case 'cache-memory':
      return cacheMemory(variant, versus, part)
  }
}

const missing = (reason: string): PartMeasurement => ({ state: 'missing', reason })

function timed(
  scenario: ScenarioRun,
  part: Extract<ClaimPartRun, { operation: string }>,
  analyses: Analyses,
): PartMeasurement {
  const candidate = findTiming(scenario, part.operation, part.variant)
  const other = findTiming(scenario, part.operation, part.versus)
  if (candidate === undefined) return missing(`${part.operation} was not timed on ${part.variant}`)
  if (other === undefined) return missing(`${part.operation} was not timed on ${part.versus}`)
  const quantity = part.measure === 'time' ? part.quantile : 'mean'
  const found = roundEffects(sampledRounds(candidate), sampledRounds(other), quantity)
  // Throughput is what one client does while it calls again and again: the inverse of the mean time.
  const effects = [...found.values()].map((effect) => (part.measure === 'throughput' ? -effect : effect))
  if (effects.length === 0) {
    return missing(
      `${part.operation} has no round with the ${fewestSamples[quantity]} samples of ${part.variant} and ${part.versus} that this needs`,
    )
  }
  const decision = decideChange(effects, part.claimed, analyses)
  const used = new Set([...found.keys()].slice(0, decision?.rounds ?? effects.length))
  const samples = { variant: samplesIn(candidate, used), versus: samplesIn(other, used) }
  if (decision === undefined) {
    const basis = {
      kind: 'rounds',
      rounds: effects.length,
      samples,
      confidence: null,
      roundsNeeded: null,
    } as const
    return { state: 'too-few', estimate: Math.exp(hodgesLehmann(effects)) - 1, basis }
  }
  const { status, change, rounds, alpha, roundsNeeded } = decision
  return {
    state: 'measured',
    status,
    change,
    basis: { kind: 'rounds', rounds, samples, confidence: 1 - 2 * alpha, roundsNeeded },
  }
}

const samplesIn = (timing: Timing, rounds: ReadonlySet<number>): number =>
  sampledRounds(timing)
    .filter(({ round }) => rounds.has(round))
    .reduce(
      (sum, { slices }) => sum + slices.reduce((inRound, { sortedNs }) => inRound + sortedNs.length, 0),
      0,
    )

function bytes(
  variant: VariantRun,
  versus: VariantRun,
  part: Extract<ClaimPartRun, { measure: 'bytes' }>,
): PartMeasurement {
  const after = storedBytes(variant, part.of)
  const before = storedBytes(versus, part.versusOf ?? part.of)
  if (after === undefined) return missing(`${variant.id} has not all of the objects that the claim names`)
  if (before === undefined) return missing(`${versus.id} has not all of the objects that the claim names`)
  if (before === 0) return missing(`${versus.id} stores no bytes there to compare with`)
  const share = after / before - 1
  const change = { estimate: share, low: share, high: share }
  return {
    state: 'measured',
    status: judgeChange(change, part.claimed),
    change,
    basis: { kind: 'exact', bytes: { variant: after, versus: before } },
  }
}

function cacheMemory(variant: VariantRun, versus: VariantRun, { claimed }: ClaimPartRun): PartMeasurement {
  const after = sortNumbers(variant.cacheMemoryBytes ?? [])
  const before = sortNumbers(versus.cacheMemoryBytes ?? [])
  const repetitions = Math.min(after.length, before.length)
  if (repetitions === 0) return missing('cache memory was not measured')
  const smallest = before[0] ?? 0
  if (smallest <= 0) return missing(`${versus.id} took no cache memory to compare with`)
  const estimate = quantile(after, 0.5) / quantile(before, 0.5) - 1
  const basis = { kind: 'repetitions', repetitions } as const
  if (repetitions < fewestRepetitions) return { state: 'too-few', estimate, basis }
  const low = (after[0] ?? 0) / (before.at(-1) ?? 0) - 1
  const high = (after.at(-1) ?? 0) / smallest - 1
  const change = { estimate, low, high }
  return { state: 'measured', status: judgeChange(change, claimed), change, basis }
}
