import { answerParent } from '../../../src/measure/child-process.ts'
import { processWorld } from '../../../src/measure/round-world.ts'
import { runRound } from '../../../src/measure/round.ts'
import { planted, watched } from './plant.ts'
import { plantedSide, type PlantedRound } from './planted-round.ts'

answerParent(({ plan, plants }: PlantedRound) =>
  runRound(plan, {
    ...processWorld,
    open: async (variant, purpose) => {
      const connection = await processWorld.open(variant, purpose)
      const here = variant.id === plantedSide ? plants : plants.map(watched)
      return here.reduce((opened, plant) => planted(opened, plant, processWorld.clock), connection)
    },
  }),
)
