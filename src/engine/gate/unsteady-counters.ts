import type { CountedOperation, VariantEvidence } from '../experiment/collect-evidence.ts'

/**
 * The first of two looks at the same scenario, with the counters named that the second did not repeat: they depend on
 * something else than schema, data and arguments, and must not be judged exactly.
 */
export function markUnsteady(
  first: readonly VariantEvidence[],
  second: readonly VariantEvidence[],
): readonly VariantEvidence[] {
  return first.map(({ variant, operations }) => {
    const again = second.find((each) => each.variant === variant)?.operations ?? []
    return {
      variant,
      operations: operations.map((found) => {
        const other = again.find(({ operation }) => operation === found.operation)
        return other === undefined ? found : { ...found, unsteady: differing(found, other) }
      }),
    }
  })
}

const counted = ({ counters, rows }: CountedOperation): Readonly<Record<string, number | null>> => ({
  rows,
  ...counters,
})

function differing(first: CountedOperation, second: CountedOperation): readonly string[] {
  const again = counted(second)
  return Object.entries(counted(first)).flatMap(([name, value]) => (again[name] === value ? [] : [name]))
}
