import { answerParent } from '../../../measure/child-process.ts'
import { gatherEvidence } from './evidence.ts'

answerParent(gatherEvidence)
