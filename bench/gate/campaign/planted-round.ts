import type { RoundPlan } from '../../../src/measure/round-plan.ts'
import { gateSides } from '../../../src/run/gate-run.ts'
import type { Plant } from './plant.ts'

/** A round of a gate whose candidate has plants in it. */
export interface PlantedRound {
  readonly plan: RoundPlan
  readonly plants: readonly Plant[]
}

/** Id of the side that plants go into. */
export const plantedSide = gateSides.candidate
