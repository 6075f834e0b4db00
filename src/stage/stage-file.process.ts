import { answerParent } from '../measure/child-process.ts'
import { readyForeignStage } from './stage-file.ts'

answerParent(readyForeignStage)
