import type { Run, ScenarioRun } from '../../run/run.ts'
import type { Comparison, RunVerdict } from '../../run/verdict.ts'
import { billSections } from './bill-section.ts'
import { clientSection, clientWorkSection } from './client-section.ts'
import { differenceSection } from './difference-section.ts'
import { costSection, memorySection } from './cost-section.ts'
import type { Block, Detail } from '../render/document.ts'
import { operationSections } from './operation-section.ts'
import { howMeasured, partialNotice, runSection, scenarioHead } from './run-section.ts'
import { priceSection } from './price-section.ts'
import { serverSection } from './server-section.ts'
import { verdictSection, verdictSummary } from './verdict-section.ts'

/**
 * Everything a report says, whatever its format. On a screen the verdicts come last, where the eye is when the run
 * ends; in a file they come first, where reading begins.
 */
export function reportDocument(run: Run, verdict: RunVerdict, detail: Detail): readonly Block[] {
  const scenarios = run.scenarios.flatMap((scenario) =>
    scenarioSection(scenario, run, verdict.comparisons, detail),
  )
  const holds = [...verdictSection(verdict.claims), ...priceSection(run, verdict.comparisons)]
  const summary = verdictSummary(verdict.claims)
  switch (detail) {
    case 'brief':
      return [...runSection(run, detail), ...scenarios, ...holds, ...summary, ...partialNotice(run)]
    case 'full':
      return [...runSection(run, detail), ...summary, ...holds, ...scenarios, ...howMeasured]
  }
}

function scenarioSection(
  scenario: ScenarioRun,
  { settings: { confidence } }: Run,
  all: readonly Comparison[],
  detail: Detail,
): readonly Block[] {
  const comparisons = all.filter((each) => each.scenario === scenario.id)
  return [
    ...scenarioHead(scenario, detail),
    ...differenceSection(scenario),
    ...operationSections(scenario, comparisons, confidence, detail),
    ...costSection(scenario),
    ...serverSection(scenario, confidence),
    ...billSections(scenario, detail),
    ...memorySection(scenario),
    ...clientSection(scenario, comparisons, confidence),
    ...clientWorkSection(scenario),
  ]
}
