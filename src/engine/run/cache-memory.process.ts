import { answerParent } from '../../measure/child-process.ts'
import { cacheMemoryBytes } from './cache-memory.ts'

answerParent(cacheMemoryBytes)
