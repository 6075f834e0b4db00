import { answerParent } from '../measure/child-process.ts'
import { raisePriority } from './raise-priority.ts'
import { makeNoise } from './noise-work.ts'

raisePriority()
answerParent(makeNoise)
