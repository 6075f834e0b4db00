import type { Run, ScenarioRun, VariantRun } from '../../run/run.ts'
import type { Comparison } from '../../run/verdict.ts'
import { formatUsdDelta } from '../../cost/money.ts'
import { variantCost } from '../../run/monthly-cost.ts'
import { buildNsOf, deltaSpan } from './cost-section.ts'
import { heading, list, span, type Block, type Span } from '../render/document.ts'
import { formatNs } from '../../core/number-format.ts'
import { ratioSpan, statusSpan } from '../render/ratio-span.ts'
import { isTwin } from './variant-tree.ts'

/** The cost side in one line a variant: file, time to build, and every write, against what it is compared with. */
export function priceSection(run: Run, comparisons: readonly Comparison[]): readonly Block[] {
  const items = run.scenarios.flatMap((scenario) =>
    scenario.variants.flatMap((variant) => {
      const versus = scenario.variants.find(({ id }) => id === variant.versus)
      return versus === undefined || isTwin(scenario, variant) || variant.statistics !== versus.statistics
        ? []
        : [priceItem(scenario, variant, versus, comparisons)]
    }),
  )
  return items.length === 0 ? [] : [heading(2, span('What it costs', 'strong')), ...list(items)]
}

function priceItem(
  scenario: ScenarioRun,
  variant: VariantRun,
  versus: VariantRun,
  comparisons: readonly Comparison[],
): readonly Span[] {
  const buildNs = buildNsOf(variant.indexBuilds)
  return [
    span(`${scenario.id} ${variant.id} vs ${versus.id}: `, 'dim'),
    span('file '),
    deltaSpan(variant.fileBytes, versus.fileBytes),
    ...(buildNs === 0 ? [] : [span(`, indexes built in ${formatNs(buildNs)}`)]),
    ...monthSpans(scenario, variant, versus),
    ...scenario.operations.flatMap(({ id, kind }) => {
      const compared = comparisons.find(
        (each) => each.scenario === scenario.id && each.operation === id && each.variant === variant.id,
      )
      if (kind !== 'write' || compared === undefined) return []
      return [span(`, ${id} `), ratioSpan(compared.p50), span(' '), statusSpan(compared.p50)]
    }),
  ]
}

/** What a month costs more or less, where rows were counted. */
function monthSpans(scenario: ScenarioRun, { id }: VariantRun, versus: VariantRun): readonly Span[] {
  const [after, before] = [variantCost(scenario, id), variantCost(scenario, versus.id)]
  if (after === undefined || before === undefined) return []
  const delta = after.marginal - before.marginal
  const tone = delta === 0n ? 'dim' : delta < 0n ? 'good' : 'bad'
  return [span(', a month '), span(formatUsdDelta(delta), tone)]
}
