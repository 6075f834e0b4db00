import { answerParent } from '../../measure/child-process.ts'
import { sweepForMeasuring } from '../../scenario/sweep/load-sweep.ts'
import { sweepRound, type SweepRoundTask } from './sweep-round.ts'
import { RoundWorld } from './sweep-world.ts'

answerParent(async (task: SweepRoundTask) =>
  sweepRound(task, await sweepForMeasuring(task.path), new RoundWorld(task)),
)
