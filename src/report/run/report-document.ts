import type { Run, ScenarioRun } from '../../run/run.ts'
import type { ClaimVerdict } from '../../run/verdict.ts'
import { clientSection, clientWorkSection } from './client-section.ts'
import { costSection, memorySection } from './cost-section.ts'
import type { Block, Detail } from '../render/document.ts'
import { operationSections } from './operation-section.ts'
import { howMeasured, partialNotice, runSection, scenarioHead } from './run-section.ts'
import { priceSection } from './price-section.ts'
import { verdictSection, verdictSummary } from './verdict-section.ts'

/**
 * Everything a report says, whatever its format. On a screen the verdicts come last, where the eye is when the run
 * ends; in a file they come first, where reading begins.
 */
export function reportDocument(
  run: Run,
  verdicts: readonly ClaimVerdict[],
  detail: Detail,
): readonly Block[] {
  const scenarios = run.scenarios.flatMap((scenario) => scenarioSection(scenario, run, detail))
  const holds = [...verdictSection(verdicts), ...priceSection(run)]
  const summary = verdictSummary(verdicts)
  switch (detail) {
    case 'brief':
      return [...runSection(run, detail), ...scenarios, ...holds, ...summary, ...partialNotice(run)]
    case 'full':
      return [...runSection(run, detail), ...summary, ...holds, ...scenarios, ...howMeasured]
  }
}

const scenarioSection = (scenario: ScenarioRun, run: Run, detail: Detail): readonly Block[] => [
  ...scenarioHead(scenario, detail),
  ...operationSections(scenario, run, detail),
  ...costSection(scenario),
  ...memorySection(scenario),
  ...clientSection(scenario, run),
  ...clientWorkSection(scenario),
]
