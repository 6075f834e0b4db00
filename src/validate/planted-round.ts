import type { RoundPlan } from '../measure/round-plan.ts'
import { gateSides } from '../run/gate-run.ts'
import type { Plant } from './plant.ts'

/** A round of a gate whose candidate has plants in it. */
export interface PlantedRound {
  readonly plan: RoundPlan
  readonly plants: readonly Plant[]
}

/** Id of the side that plants go into. */
export const plantedSide = gateSides.candidate
