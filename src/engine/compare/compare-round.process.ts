import { answerParent } from '../../measure/child-process.ts'
import { compareRound } from './compare-round.ts'

answerParent(compareRound)
