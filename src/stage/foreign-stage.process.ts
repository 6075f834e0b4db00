import { answerParent } from '../measure/child-process.ts'
import { readyForeignStage } from './foreign-stage.ts'

answerParent(readyForeignStage)
