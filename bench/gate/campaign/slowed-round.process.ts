import { answerParent } from '../../../src/measure/child-process.ts'
import type { RoundPlan } from '../../../src/measure/round-plan.ts'
import { processWorld } from '../../../src/measure/round-world.ts'
import { runRound } from '../../../src/measure/round.ts'
import { gateSides } from '../../../src/run/gate/gate-run.ts'
import { inactive, withSlowdown, type InjectedSlowdown } from './injected-slowdown.ts'

/** A round of a gate whose candidate has injected slowdowns. */
export interface SlowedRound {
  readonly plan: RoundPlan
  readonly slowdowns: readonly InjectedSlowdown[]
}

answerParent(({ plan, slowdowns }: SlowedRound) =>
  runRound(plan, {
    ...processWorld,
    open: async (variant, purpose) => {
      const connection = await processWorld.open(variant, purpose)
      const here = variant.id === gateSides.candidate ? slowdowns : slowdowns.map(inactive)
      return here.reduce((opened, each) => withSlowdown(opened, each, processWorld.clock), connection)
    },
  }),
)
