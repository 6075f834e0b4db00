import { answerParent } from '../../../measure/child-process.ts'
import { findUnreadableText } from './unreadable-text.ts'

answerParent(findUnreadableText)
