import { quantile, sortNumbers } from '../../stats/quantile.ts'
import type { ScenarioRun, VariantRun } from '../../run/run.ts'
import { storedBytes } from '../../run/stored-bytes.ts'
import { heading, left, list, right, span, type Block, type Span } from '../render/document.ts'
import { formatBytes, formatDelta, formatNs, formatShare } from '../../core/number-format.ts'
import { isTwin, treeName, variantTree } from './variant-tree.ts'

/** Bytes of every schema against the one it is compared with, and the time to build what it adds. */
export function costSection(scenario: ScenarioRun): readonly Block[] {
  const entries = variantTree(scenario.variants).filter(({ variant }) => !isTwin(scenario, variant))
  if (entries.length === 0) return []
  const versusOf = ({ versus }: VariantRun): VariantRun | undefined =>
    scenario.variants.find(({ id }) => id === versus)
  return [
    heading(3, span('Size and build', 'strong')),
    {
      kind: 'table',
      columns: [
        left('variant'),
        right('file'),
        right('tables'),
        right('indexes'),
        left('Δ file'),
        left('Δ tables', 1),
        left('Δ indexes'),
      ],
      rows: entries.map((entry) => {
        const { variant } = entry
        const versus = versusOf(variant)
        return [
          span(treeName(entry)),
          ...(['file', 'tables', 'indexes'] as const).map((of) =>
            span(formatBytes(storedBytes(variant, of) ?? 0)),
          ),
          ...(['file', 'tables', 'indexes'] as const).map((of) =>
            deltaSpan(storedBytes(variant, of), versus && storedBytes(versus, of)),
          ),
        ]
      }),
    },
    ...list(entries.flatMap(({ variant }) => buildItem(variant))),
  ]
}

export function deltaSpan(after: number | undefined, before: number | undefined): Span {
  if (after === undefined || before === undefined) return span('')
  const delta = after - before
  if (delta === 0) return span('±0', 'dim')
  const share = before === 0 ? '' : ` (${formatShare(delta / before)})`
  return span(`${formatDelta(delta, formatBytes)}${share}`, delta < 0 ? 'good' : 'bad')
}

function buildItem({ id, indexBuilds }: VariantRun): readonly (readonly Span[])[] {
  const timed = indexBuilds.filter(({ buildNs }) => buildNs.length > 0)
  if (timed.length === 0) return []
  const each = timed.map(({ index, buildNs }) => `${index} ${formatNs(median(buildNs))}${spread(buildNs)}`)
  return [[span(`${id} builds in ${formatNs(buildNsOf(timed))}: `, 'dim'), span(each.join(', '))]]
}

const median = (values: readonly number[]): number => quantile(sortNumbers(values), 0.5)

/** Time to build all of these indexes: the sum of their medians. */
export const buildNsOf = (builds: VariantRun['indexBuilds']): number =>
  builds.reduce((sum, { buildNs }) => sum + (buildNs.length === 0 ? 0 : median(buildNs)), 0)

const spread = (buildNs: readonly number[]): string =>
  buildNs.length === 1 ? ' (once)' : ` (median of ${buildNs.length})`

/** Memory that the reads' pages take, where the scenario asked for it. */
export function memorySection(scenario: ScenarioRun): readonly Block[] {
  const weighed = variantTree(scenario.variants).filter(
    ({ variant }) => (variant.cacheMemoryBytes ?? []).length > 0,
  )
  if (weighed.length === 0) return []
  const medianOf = (variant: VariantRun | undefined): number | undefined =>
    variant?.cacheMemoryBytes?.length ? median(variant.cacheMemoryBytes) : undefined
  return [
    heading(3, span('Memory of the page cache after the reads', 'strong')),
    {
      kind: 'table',
      columns: [left('variant'), right('median'), left('min to max'), right('repetitions'), left('Δ median')],
      rows: weighed.map((entry) => {
        const bytes = sortNumbers(entry.variant.cacheMemoryBytes ?? [])
        const versus = scenario.variants.find(({ id }) => id === entry.variant.versus)
        return [
          span(treeName(entry)),
          span(formatBytes(median(bytes))),
          span(`${formatBytes(bytes[0] ?? 0)} to ${formatBytes(bytes.at(-1) ?? 0)}`),
          span(`${bytes.length}`),
          deltaSpan(medianOf(entry.variant), medianOf(versus)),
        ]
      }),
    },
  ]
}
