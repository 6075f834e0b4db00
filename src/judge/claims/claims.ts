import type { ClaimPartRun, Run, ScenarioRun } from '../../run/run.ts'
import type { ClaimVerdict, PartMeasurement, PartVerdict, VerdictStatus } from '../../run/verdict.ts'
import { judgeParts } from './judge-parts.ts'
import { measurePart } from './measure-part.ts'

/** What a run says of every claim that its scenarios check, in their order. Recomputed from the raw samples. */
export function judgeClaims(run: Run): readonly ClaimVerdict[] {
  return run.scenarios.flatMap((scenario) =>
    scenario.claims.map((claim): ClaimVerdict => {
      const parts = claim.parts.map((part) => judgePart(scenario, part, run.settings.analyses))
      return { scenario: scenario.id, claim, parts, status: judgeParts(parts.map(({ status }) => status)) }
    }),
  )
}

function judgePart(
  scenario: ScenarioRun,
  part: ClaimPartRun,
  analyses: Run['settings']['analyses'],
): PartVerdict {
  const measured = measurePart(scenario, part, analyses)
  return { part, measured, status: partStatus(measured) }
}

function partStatus(measured: PartMeasurement): VerdictStatus {
  switch (measured.state) {
    case 'measured':
      return measured.status
    case 'too-few':
      return 'inconclusive'
    case 'missing':
      return 'not-measured'
  }
}
