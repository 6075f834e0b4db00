import { answerParent } from '../measure/child-process.ts'
import { makeNoise } from './noise-work.ts'

answerParent(makeNoise)
