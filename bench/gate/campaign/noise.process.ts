import { answerParent } from '../../../src/measure/child-process.ts'
import { makeNoise } from './noise-work.ts'

answerParent(makeNoise)
