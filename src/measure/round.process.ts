import { openFile } from '../target/open.ts'
import { monotonicClock } from './clock.ts'
import type { RoundPlan } from './round-plan.ts'
import { runRound, type RoundWorld } from './round.ts'
import { measuredPragmas } from './measured-pragmas.ts'
import { answerParent } from './child-process.ts'

const world: RoundWorld = {
  clock: monotonicClock,
  open: (variant, purpose) =>
    openFile(
      purpose === 'read' ? variant.readPath : (variant.writePath ?? variant.readPath),
      variant.driver,
      {
        readOnly: purpose === 'read',
        pragmas: measuredPragmas[purpose],
      },
    ),
  collectGarbage: (extent) =>
    globalThis.gc?.({ type: extent === 'all' ? 'major' : 'minor', execution: 'sync' }),
  rssBytes: () => process.memoryUsage.rss(),
}

answerParent((plan: RoundPlan) => runRound(plan, world))
