import { compareTimings, findTiming } from '../../run/compare-timings.ts'
import type { Run, ScenarioRun, VariantRun } from '../../run/run.ts'
import { buildNsOf, deltaSpan } from './cost-section.ts'
import { heading, list, span, type Block, type Span } from '../render/document.ts'
import { formatNs } from '../../core/number-format.ts'
import { ratioSpan, statusSpan } from '../render/ratio-span.ts'
import { isTwin } from './variant-tree.ts'

/** The cost side in one line a variant: file, time to build, and every write, against what it is compared with. */
export function priceSection(run: Run): readonly Block[] {
  const items = run.scenarios.flatMap((scenario) =>
    scenario.variants.flatMap((variant) => {
      const versus = scenario.variants.find(({ id }) => id === variant.versus)
      return versus === undefined || isTwin(scenario, variant) || variant.statistics !== versus.statistics
        ? []
        : [priceItem(scenario, variant, versus, run.settings.confidence)]
    }),
  )
  return items.length === 0 ? [] : [heading(2, span('What it costs', 'strong')), ...list(items)]
}

function priceItem(
  scenario: ScenarioRun,
  variant: VariantRun,
  versus: VariantRun,
  confidence: number,
): readonly Span[] {
  const buildNs = buildNsOf(variant.indexBuilds)
  return [
    span(`${scenario.id} ${variant.id} vs ${versus.id}: `, 'dim'),
    span('file '),
    deltaSpan(variant.fileBytes, versus.fileBytes),
    ...(buildNs === 0 ? [] : [span(`, indexes built in ${formatNs(buildNs)}`)]),
    ...scenario.operations.flatMap(({ id, kind }) => {
      const candidate = findTiming(scenario, id, variant.id)
      const other = findTiming(scenario, id, versus.id)
      if (kind !== 'write' || candidate === undefined || other === undefined) return []
      const { p50 } = compareTimings(candidate, other, confidence)
      return [span(`, ${id} `), ratioSpan(p50), span(' '), statusSpan(p50)]
    }),
  ]
}
