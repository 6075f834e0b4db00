import { answerParent } from '../../measure/child-process.ts'
import type { CountRowsTask } from './count-rows.ts'
import { rowCounter } from './row-counter.ts'

answerParent(({ path, tables }: CountRowsTask) => rowCounter(`file:${path}`, undefined)(tables))
