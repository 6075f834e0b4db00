import { answerParent } from '../../measure/child-process.ts'
import { buildIndexes, type IndexBuildTask } from './index-build.ts'

answerParent((task: IndexBuildTask) => buildIndexes(task))
