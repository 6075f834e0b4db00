import { answerParent } from '../../measure/child-process.ts'
import { buildIndexes, cacheMemoryBytes, type SideTask } from './side-measures.ts'

answerParent(async (task: SideTask) =>
  task.kind === 'index builds' ? buildIndexes(task) : cacheMemoryBytes(task),
)
