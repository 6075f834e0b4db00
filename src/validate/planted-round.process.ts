import { answerParent } from '../measure/child-process.ts'
import { processWorld } from '../measure/round-world.ts'
import { runRound } from '../measure/round.ts'
import { planted } from './plant.ts'
import { plantedSide, type PlantedRound } from './planted-round.ts'

answerParent(({ plan, plants }: PlantedRound) =>
  runRound(plan, {
    ...processWorld,
    open: async (variant, purpose) => {
      const connection = await processWorld.open(variant, purpose)
      return variant.id === plantedSide
        ? plants.reduce((opened, plant) => planted(opened, plant, processWorld.clock), connection)
        : connection
    },
  }),
)
