import { UsageError } from '../../core/errors.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import { expandVariants, type ExpandedVariant } from '../../scenario/expand.ts'
import type { LoadedProfile } from '../../scenario/load-profile/load-profile-file.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { defaultDriver } from '../../target/drivers.ts'

/** A variant that is served and loaded; `versus` is another one of the comparison, or null for the first. */
export type ComparedVariant = Pick<ExpandedVariant, 'id' | 'title' | 'migrations' | 'statistics' | 'versus'>

export interface PlannedLoad {
  readonly id: string
  readonly title: string
  readonly weights: Readonly<Record<string, number>>
}

/**
 * The variants of a comparison by their ids. Each is compared with what its scenario compares it with, where that takes
 * part, else with the first.
 * @throws UsageError VARIANTS_TOO_FEW, VARIANT_UNKNOWN or VARIANT_NOT_SERVED
 */
export function chooseVariants(
  { id: scenarioId, scenario }: LoadedScenario,
  ids: readonly string[],
): readonly ComparedVariant[] {
  const known = expandVariants(scenario)
  const [first = ''] = ids
  if (new Set(ids).size < 2 || new Set(ids).size < ids.length) {
    throw new UsageError(
      'VARIANTS_TOO_FEW',
      `load compare ${ids.join(' ')}: name two or more different variants, such as baseline composite`,
    )
  }
  return ids.map((id) => {
    const found = known.find((variant) => variant.id === id)
    if (found === undefined) {
      const names = known.map((variant) => variant.id).join(', ')
      throw new UsageError('VARIANT_UNKNOWN', `${scenarioId} has no variant ${id}; it has ${names}`)
    }
    const { title, migrations, statistics, versus, driver } = found
    if (driver !== defaultDriver) {
      throw new UsageError(
        'VARIANT_NOT_SERVED',
        `${id} is about the driver ${driver}, which the API does not use; compare variants of the schema`,
      )
    }
    const other = versus !== null && ids.includes(versus) ? versus : first
    return { id, title, migrations, statistics, versus: id === first ? null : other }
  })
}

/**
 * What is sent: mixes, and at peak each of their requests alone, because in a closed loop a quick request waits for the
 * slow ones before it.
 * @throws UsageError MIX_UNKNOWN
 */
export function planLoads(
  { shown, profile }: LoadedProfile,
  mix: string | undefined,
  model: LoadComparison['settings']['model'],
): readonly PlannedLoad[] {
  const names = Object.keys(profile.mixes)
  if (mix !== undefined && !names.includes(mix)) {
    throw new UsageError('MIX_UNKNOWN', `${shown} has no mix ${mix}; it has ${names.join(', ')}`)
  }
  // The first mix says what a user gets; a mix of reads, where there is one, says what a change of indexes does.
  const chosen = mix === undefined ? [...new Set([names[0] ?? '', 'reads'])] : [mix]
  const mixes = names
    .filter((name) => chosen.includes(name))
    .map((name): PlannedLoad => {
      const weights = positive(profile.mixes[name] ?? {})
      return { id: name, title: `mix ${name}: ${weightsText(weights)}`, weights }
    })
  if (model.kind === 'open-model') return mixes
  const ops = new Set(mixes.flatMap(({ weights }) => Object.keys(weights)))
  const alone = profile.requests
    .filter(({ id }) => ops.has(id))
    .map(({ id, title }): PlannedLoad => ({ id: `${id} alone`, title, weights: { [id]: 1 } }))
  return alone.length === 1 ? mixes : [...mixes, ...alone]
}

const positive = (weights: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(weights).filter(([, weight]) => weight > 0))

function weightsText(weights: Readonly<Record<string, number>>): string {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  return Object.entries(weights)
    .map(([op, weight]) => `${op} ${Math.round((100 * weight) / total)} %`)
    .join(', ')
}

/** Share of the time asked for that slices get; servers start, warm up and stop in the rest. */
const sliceShare = 0.55
const sliceBounds = { peak: { from: 0.1, to: 2 }, 'open-model': { from: 0.5, to: 5 } } as const
/** A P95 of fewer requests is one of the slowest. */
const fewestArrivals = 40

/**
 * Length of a slice, so that all of them last about so long together.
 * @throws UsageError RATE_TOO_LOW when a slice would hold too few arrivals for a P95
 */
export function planSliceSeconds(
  totalSeconds: number,
  slices: number,
  model: LoadComparison['settings']['model'],
): number {
  const { from, to } = sliceBounds[model.kind]
  const seconds = Math.min(to, Math.max(from, (sliceShare * totalSeconds) / slices))
  if (model.kind === 'peak') return seconds
  const needed = fewestArrivals / model.ratePerSec
  if (needed <= to) return Math.max(seconds, needed)
  throw new UsageError(
    'RATE_TOO_LOW',
    `--rate ${model.ratePerSec} brings too few requests for the P95 of a slice; take ${fewestArrivals / to} or more, or leave --rate out`,
  )
}
