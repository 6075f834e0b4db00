import type { Evidence, ScenarioRun } from '../run/run.ts'
import { list, span, type Block, type Detail, type Span } from './document.ts'
import { analyzedTwin, type TreeEntry } from './variant-tree.ts'

/** One line a plan: the variants that share it, what it does, and what it changes. */
export function operationPlans(scenario: ScenarioRun, operation: string, detail: Detail): readonly Block[] {
  const found = scenario.evidence.filter((evidence) => evidence.operation === operation)
  const groups = groupedBy(found, ({ plan }) => JSON.stringify([plan.summary, plan.change]))
  const items = [...groups.values()].flatMap((group) => planItem(group))
  return [...list(items), ...(detail === 'full' ? planDetails(found, operation) : [])]
}

function planItem(group: readonly Evidence[]): readonly (readonly Span[])[] {
  const plan = group[0]?.plan
  if (plan === undefined || (plan.summary === '' && plan.change === '')) return []
  const change = plan.change === '' ? [] : [span(`  ${plan.change}`, 'strong')]
  return [[span(`${group.map(({ variant }) => variant).join(', ')}: `, 'dim'), span(plan.summary), ...change]]
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
 * Leaves out rows without statistics whose plan is that of their twin with statistics: they are the same measurement
 * twice. A row that others hang on stays.
 */
export function withoutSamePlans<E extends TreeEntry>(
  scenario: ScenarioRun,
  operation: string,
  rows: readonly E[],
): readonly E[] {
  const fingerprint = (variant: string): string | undefined =>
    scenario.evidence.find((found) => found.operation === operation && found.variant === variant)?.plan
      .fingerprint
  const differs = ({ variant }: E): boolean => {
    const twin = analyzedTwin(scenario, variant)
    return twin === undefined || fingerprint(variant.id) !== fingerprint(twin.id)
  }
  const kept = new Set(rows.filter(differs).map(({ variant }) => variant.id))
  const parents = new Map(rows.map(({ variant }) => [variant.id, variant.versus]))
  for (const id of [...kept]) {
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
