import type { Run } from '../../run/run.ts'
import type { ClaimVerdict } from '../../run/verdict.ts'
import { judgeClaim } from './judge-parts.ts'
import { measurePart } from './measure-part.ts'

/** What a run says of every claim that its scenarios check, in their order. Recomputed from the raw samples. */
export const judgeClaims = (run: Run): readonly ClaimVerdict[] =>
  run.scenarios.flatMap((scenario) =>
    scenario.claims.map((claim) =>
      judgeClaim(scenario.id, claim, (part) => measurePart(scenario, part, run.settings.analyses)),
    ),
  )
