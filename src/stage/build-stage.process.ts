import { answerParent } from '../measure/child-process.ts'
import { buildStage } from './build-stage.ts'

answerParent(buildStage)
