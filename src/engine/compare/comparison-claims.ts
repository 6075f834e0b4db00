import { readClaims } from '../../run/claims.ts'
import type { LoadComparison } from '../../run/load-comparison.ts'
import type { ComparedVariant, PlannedLoad } from './plan-comparison.ts'

/** Half of the time is twice the throughput: +100 %. */
const doubled = { from: 1, to: 1 }

const note =
  "Throughput of the whole API, at peak: what HTTP and JSON cost is in it on both sides, so an index can do no more than its query weighs in a request. Each request alone says how far that is. The mix of the review lists everybody's prompts and creates new ones: of its requests the three indexes serve none."

/** C2 for every pair of the review's composite indexes and the schema as it is, over the mixes. */
export async function comparisonClaims(
  scenario: string,
  variants: readonly ComparedVariant[],
  loads: readonly PlannedLoad[],
  model: LoadComparison['settings']['model'],
): Promise<LoadComparison['claims']> {
  if (scenario !== 'indexes/composite' || model.kind !== 'peak') return []
  const pairs = variants.filter(
    ({ id, versus }) => /^composite\b/.test(id) && versus === id.replace('composite', 'baseline'),
  )
  const parts = pairs.flatMap(({ id, versus }) =>
    loads
      .filter((load) => !load.id.endsWith(' alone'))
      .map((load) => ({
        measure: 'throughput' as const,
        operation: load.id,
        variant: id,
        versus: versus ?? '',
        claimed: doubled,
      })),
  )
  const claim = (await readClaims()).find(({ id }) => id === 'C2')
  return claim === undefined || parts.length === 0 ? [] : [{ ...claim, note, parts }]
}
