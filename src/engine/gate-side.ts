import { closest } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'
import { gateSides } from '../run/gate-run.ts'
import { expandVariants, type MeasuredVariant } from '../scenario/expand.ts'
import type { LoadedScenario } from '../scenario/load.ts'

/** One side of a gate: what was asked for, and the variant that it names. */
export interface GateSide {
  readonly spec: string
  readonly variant: MeasuredVariant
}

/**
 * Reads `variant:<id>`, a variant of the scenario in one of its statistics states, such as `variant:composite:no-stats`.
 * @throws UsageError GATE_SIDE for anything else
 */
export function gateSide({ id, scenario }: LoadedScenario, flag: string, spec: string): GateSide {
  const [, wanted] = /^variant:(.+)$/.exec(spec) ?? []
  if (wanted === undefined) {
    throw new UsageError('GATE_SIDE', `${flag} ${spec}: write variant:<id>, such as variant:baseline`)
  }
  const variants = expandVariants(scenario)
  const variant = variants.find((candidate) => candidate.id === wanted)
  if (variant === undefined) {
    const ids = variants.map(({ id }) => id)
    throw new UsageError(
      'GATE_SIDE',
      `${flag} ${spec}: ${id} has no variant ${wanted}; did you mean ${closest(wanted, ids)}? It has ${ids.join(', ')}`,
    )
  }
  return { spec, variant }
}

/** The two sides as variants of one scenario, named after their part in the gate; they may be the same variant. */
export function sideVariants(baseline: GateSide, candidate: GateSide): readonly MeasuredVariant[] {
  return [
    { ...baseline.variant, id: gateSides.baseline, versus: null },
    { ...candidate.variant, id: gateSides.candidate, versus: gateSides.baseline },
  ]
}
