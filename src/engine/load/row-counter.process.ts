import { answerParent } from '../../measure/child-process.ts'
import { rowCounter, type CountRowsTask } from './row-counter.ts'

answerParent(({ path, tables }: CountRowsTask) => rowCounter(`file:${path}`, undefined)(tables))
