import type { RoundPlan } from './round-plan.ts'
import { processWorld } from './round-world.ts'
import { runRound } from './round.ts'
import { answerParent } from './child-process.ts'

answerParent((plan: RoundPlan) => runRound(plan, processWorld))
