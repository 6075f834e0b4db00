import type { ScenarioRun, VariantRun } from '../../run/run.ts'

export interface TreeEntry {
  readonly variant: VariantRun
  /** 0 for the baseline, 1 for what is compared with it, and so on. */
  readonly depth: number
}

/** The variants so that each stands below and inside the one it is compared with. */
export function variantTree(variants: readonly VariantRun[]): readonly TreeEntry[] {
  const ids = new Set(variants.map(({ id }) => id))
  const below = (parent: string | null, depth: number): readonly TreeEntry[] =>
    variants
      .filter(({ versus }) => (versus !== null && ids.has(versus) ? versus : null) === parent)
      .flatMap((variant) => [{ variant, depth }, ...below(variant.id, depth + 1)])
  const tree = below(null, 0)
  const inTree = new Set(tree.map(({ variant }) => variant))
  // Variants that compare with each other in a circle hang on nothing; they are shown all the same.
  return [
    ...tree,
    ...variants.filter((variant) => !inTree.has(variant)).map((variant) => ({ variant, depth: 0 })),
  ]
}

/** The name of a variant in a table, indented by its depth. */
export const treeName = ({ variant, depth }: TreeEntry): string => `${'  '.repeat(depth)}${variant.id}`

/** The same schema and ids on the same engine, measured with statistics; undefined when that is the variant itself. */
export function analyzedTwin(scenario: ScenarioRun, variant: VariantRun): VariantRun | undefined {
  return variant.statistics === 'analyzed'
    ? undefined
    : scenario.variants.find(
        (other) =>
          other.statistics === 'analyzed' && other.driver === variant.driver && sameData(other, variant),
      )
}

/** The same schema, ids and statistics behind the engine itself, for a variant about the driver alone. */
export function engineTwin(scenario: ScenarioRun, variant: VariantRun): VariantRun | undefined {
  return variant.role !== 'driver'
    ? undefined
    : scenario.variants.find(
        (other) =>
          other.driver === 'libsql' && other.statistics === variant.statistics && sameData(other, variant),
      )
}

/** True for a variant whose database another variant of the scenario already stands for, when bytes are compared. */
export const isTwin = (scenario: ScenarioRun, variant: VariantRun): boolean =>
  analyzedTwin(scenario, variant) !== undefined || engineTwin(scenario, variant) !== undefined

const sameData = (a: VariantRun, b: VariantRun): boolean =>
  a.ids === b.ids && JSON.stringify(a.migrations) === JSON.stringify(b.migrations)
