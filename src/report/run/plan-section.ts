import type { Evidence, ScenarioRun } from '../../run/run.ts'
import { list, span, type Block, type Detail, type Span } from '../render/document.ts'
import { analyzedTwin, engineTwin, type TreeEntry } from './variant-tree.ts'

/** One line a plan: the variants that share it, what it does, and what it changes. */
export function operationPlans(scenario: ScenarioRun, operation: string, detail: Detail): readonly Block[] {
  const found = scenario.evidence.filter((evidence) => evidence.operation === operation)
  const viaEngine = found.filter(({ variant }) => !hasEngineTwin(scenario, variant))
  const groups = groupedBy(detail === 'full' ? found : viaEngine, ({ plan }) => plan.summary)
  const items = [...groups.values()].flatMap((group) => planItem(group))
  return [...list(items), ...(detail === 'full' ? planDetails(found, operation) : [])]
}

function hasEngineTwin(scenario: ScenarioRun, id: string): boolean {
  const variant = scenario.variants.find((other) => other.id === id)
  return variant !== undefined && engineTwin(scenario, variant) !== undefined
}

/** Plans and changes that say nothing: an INSERT reads no table. */
const unspoken = new Set(['', 'no table', 'same plan'])

function planItem(group: readonly Evidence[]): readonly (readonly Span[])[] {
  const summary = group[0]?.plan.summary ?? ''
  // One plan may differ in several ways, one for each plan it is compared with: the first one stands for all.
  const change = group.find(({ plan }) => !unspoken.has(plan.change))?.plan.change ?? ''
  if (unspoken.has(summary) && change === '') return []
  return [
    [
      span(`${group.map(({ variant }) => variant).join(', ')}: `, 'dim'),
      span(summary),
      ...(change === '' ? [] : [span(`  ${change}`, 'strong')]),
    ],
  ]
}

function planDetails(found: readonly Evidence[], operation: string): readonly Block[] {
  const groups = groupedBy(found, ({ plan }) => plan.lines.join('\n'))
  const lines = [...groups].flatMap(([text, group]) => [
    `${group.map(({ variant }) => variant).join(', ')}:`,
    ...text.split('\n').map((line) => `  ${line}`),
  ])
  return lines.length === 0 ? [] : [{ kind: 'details', summary: `Full plans of ${operation}`, lines }]
}

/**
 * Leaves out rows without statistics that say what their twin with statistics says: their plan is the same, and so is
 * the plan of the variant that they are compared with. A row that others hang on stays.
 */
export function withoutSamePlans<E extends TreeEntry>(
  scenario: ScenarioRun,
  operation: string,
  rows: readonly E[],
): readonly E[] {
  const planOf = (id: string): string | undefined =>
    scenario.evidence.find((found) => found.operation === operation && found.variant === id)?.plan.fingerprint
  const planChanges = (id: string | null): boolean => {
    const variant = scenario.variants.find((other) => other.id === id)
    const twin = variant && analyzedTwin(scenario, variant)
    return twin !== undefined && planOf(twin.id) !== planOf(id ?? '')
  }
  const differs = ({ variant }: E): boolean =>
    analyzedTwin(scenario, variant) === undefined || planChanges(variant.id) || planChanges(variant.versus)
  const kept = new Set(rows.filter(differs).map(({ variant }) => variant.id))
  const parents = new Map(rows.map(({ variant }) => [variant.id, variant.versus]))
  for (const id of Array.from(kept)) {
    for (let up = parents.get(id) ?? null; up !== null && !kept.has(up); up = parents.get(up) ?? null)
      kept.add(up)
  }
  return rows.filter(({ variant }) => kept.has(variant.id))
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
