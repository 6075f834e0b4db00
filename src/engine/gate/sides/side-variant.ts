import { closest } from 'fastest-levenshtein'
import { UsageError } from '../../../core/errors.ts'
import { expandVariants, type ExpandedVariant } from '../../../scenario/expand.ts'
import type { LoadedScenario } from '../../../scenario/load.ts'
import type { GateSide, SideKind } from './gate-side.ts'

const prefix = 'variant:'

/** `variant:<id>`: a variant of the scenario, in one of its statistics states. */
export const variantKind: SideKind = {
  form: 'variant:<id>',
  matches: (spec) => spec.startsWith(prefix),
  variantOf: (spec) => spec.slice(prefix.length),
  read: async ({ flag, spec, working }) => variantSide(await working(), flag, spec),
}

/**
 * Reads `variant:<id>`, such as `variant:composite` or `variant:composite:no-stats`.
 * @throws UsageError GATE_SIDE for a variant that the scenario has not
 */
export function variantSide(loaded: LoadedScenario, flag: string, spec: string): GateSide {
  const variant = variantNamed(loaded, spec.slice(prefix.length), `${flag} ${spec}`)
  return { spec, loaded, commit: null, place: { kind: 'variant', variant } }
}

/** The measured variant of a name. `asked` begins the message of a UsageError when there is none. */
export function variantNamed(
  { id, scenario }: LoadedScenario,
  wanted: string,
  asked: string,
): ExpandedVariant {
  const variants = expandVariants(scenario)
  const variant = variants.find((candidate) => candidate.id === wanted)
  if (variant !== undefined) return variant
  const ids = variants.map((known) => known.id)
  throw new UsageError(
    'GATE_SIDE',
    `${asked}: ${id} has no variant ${wanted}; did you mean ${closest(wanted, ids)}? It has ${ids.join(', ')}`,
  )
}
