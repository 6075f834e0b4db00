import { answerParent } from '../../measure/child-process.ts'
import { statementCosts } from './statement-costs.ts'

answerParent(statementCosts)
