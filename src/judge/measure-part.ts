import { pairedRatio } from '../measure/paired-ratio.ts'
import { quantile, sortNumbers } from '../stats/quantile.ts'
import { findTiming } from '../run/compare-timings.ts'
import type { ClaimPartRun, ScenarioRun, VariantRun } from '../run/run.ts'
import { pairedSampleCount, sliceSeries, type SliceQuantity } from '../run/slice-series.ts'
import { storedBytes } from '../run/stored-bytes.ts'
import type { PartMeasurement } from '../run/verdict.ts'

/** Repetitions from which the span between the smallest and the largest says something. */
export const fewestRepetitions = 3

/** The relative change that a part of a claim speaks of, from the data of its scenario. */
export function measurePart(scenario: ScenarioRun, part: ClaimPartRun, confidence: number): PartMeasurement {
  const variant = scenario.variants.find(({ id }) => id === part.variant)
  const versus = scenario.variants.find(({ id }) => id === part.versus)
  if (variant === undefined) return missing(`variant ${part.variant} was not measured`)
  if (versus === undefined) return missing(`variant ${part.versus} was not measured`)
  switch (part.measure) {
    case 'time':
      return timed(scenario, part, part.quantile, confidence)
    case 'throughput':
      return timed(scenario, part, 'throughput', confidence)
    case 'bytes':
      return bytes(variant, versus, part)
    case 'cache-memory':
      return cacheMemory(variant, versus)
  }
}

const missing = (reason: string): PartMeasurement => ({ state: 'missing', reason })

function timed(
  scenario: ScenarioRun,
  part: Extract<ClaimPartRun, { operation: string }>,
  quantity: SliceQuantity,
  confidence: number,
): PartMeasurement {
  const candidate = findTiming(scenario, part.operation, part.variant)
  const other = findTiming(scenario, part.operation, part.versus)
  if (candidate === undefined) return missing(`${part.operation} was not timed on ${part.variant}`)
  if (other === undefined) return missing(`${part.operation} was not timed on ${part.versus}`)
  const ratio = pairedRatio(
    sliceSeries(candidate.slices, quantity),
    sliceSeries(other.slices, quantity),
    confidence,
  )
  const samples = {
    variant: pairedSampleCount(candidate.slices, other.slices),
    versus: pairedSampleCount(other.slices, candidate.slices),
  }
  switch (ratio.state) {
    case 'no-pairs':
      return missing(`${part.operation} has no slices of ${part.variant} and ${part.versus} side by side`)
    case 'too-few-rounds': {
      const basis = { kind: 'rounds', rounds: ratio.rounds, samples, confidence: null } as const
      return { state: 'too-few', estimate: ratio.estimate - 1, basis }
    }
    case 'measured': {
      const { estimate, low, high, confidence: coverage } = ratio.interval
      return {
        state: 'measured',
        change: { estimate: estimate - 1, low: low - 1, high: high - 1 },
        basis: { kind: 'rounds', rounds: ratio.rounds, samples, confidence: coverage },
      }
    }
  }
}

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
  const change = after / before - 1
  return {
    state: 'measured',
    change: { estimate: change, low: change, high: change },
    basis: { kind: 'exact', bytes: { variant: after, versus: before } },
  }
}

function cacheMemory(variant: VariantRun, versus: VariantRun): PartMeasurement {
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
  return { state: 'measured', change: { estimate, low, high }, basis }
}
