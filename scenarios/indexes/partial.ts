import { defineScenario } from 'forgebench'
import {
  insertEvaluations,
  latestEvaluations,
  runningBound,
  runningLiteral,
  startEvaluations,
} from '../queries/evaluations.ts'
import {
  activePromptsLiteral,
  activePromptsOfUser,
  insertPrompts,
  promptCounts,
  softDeletePrompts,
  trashOfUser,
} from '../queries/prompts.ts'
import { meanScoreOfPassed } from '../queries/test-results.ts'

const againstFull = { variant: 'partial', versus: 'full' } as const
const smaller = { ...againstFull, measure: 'bytes', claimed: { from: -0.3, to: -0.4 } } as const
const faster = { ...againstFull, measure: 'throughput', claimed: { from: 0.1, to: 0.15 } } as const

export default defineScenario({
  title: 'Partial indexes for active prompts and running evaluations',
  why: 'The review (§2.3) expects indexes that leave rows out to be smaller and to make writes faster. How much smaller depends on the share of rows left out. Writes of rows left out are spared, but a row that starts or ceases to fit costs an entry where a full index with the same columns would not be touched. And libSQL uses a partial index only when it can see that the condition holds: a status that is bound makes it plan again.',
  claims: [
    {
      claim: 'C4',
      parts: [
        { ...smaller, of: ['idx_prompts_active_only'], versusOf: ['idx_prompts_active_only_full'] },
        { ...smaller, of: ['idx_evaluations_running'], versusOf: ['idx_evaluations_running_full'] },
      ],
      note: 'Each index against the same columns without WHERE. The share saved is the share of rows left out: deleted prompts for the first, evaluations that do not run for the second.',
    },
    {
      claim: 'C5',
      parts: [
        { ...faster, operation: 'insert-prompts' },
        { ...faster, operation: 'delete-prompts' },
        { ...faster, operation: 'insert-evaluations' },
        { ...faster, operation: 'start-evaluations' },
      ],
      note: 'Against the same indexes without WHERE, the reading that favours the claim. Against the schema as it is, which has neither index, adding one can only cost: see the writes of partial against baseline.',
    },
  ],
  variants: [
    { id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] },
    {
      id: 'full',
      title: 'the same columns without WHERE',
      role: 'alternative',
      migrations: ['partial-indexes-full'],
    },
    {
      id: 'partial',
      title: "the review's partial indexes",
      role: 'candidate',
      migrations: ['partial-indexes'],
    },
    {
      id: 'better',
      title: 'partial, with created_at so that no page is sorted',
      role: 'alternative',
      migrations: ['partial-indexes-better'],
    },
    {
      id: 'partial-client',
      title: "the review's indexes through @libsql/client",
      role: 'driver',
      migrations: ['partial-indexes'],
      driver: '@libsql/client',
      versus: 'partial',
      statistics: ['analyzed'],
    },
  ],
  operations: [
    activePromptsOfUser,
    activePromptsLiteral,
    latestEvaluations,
    meanScoreOfPassed,
    runningBound,
    runningLiteral,
    promptCounts,
    trashOfUser,
    insertPrompts,
    softDeletePrompts,
    insertEvaluations,
    startEvaluations,
  ],
  budgets: [
    { variant: 'partial', operation: 'running-literal', plan: ['uses idx_evaluations_running'] },
    { variant: 'partial', operation: 'running-bound', plan: ['uses idx_evaluations_running'] },
    {
      variant: 'better',
      operation: 'Q1',
      vmSteps: 500,
      plan: ['uses idx_prompts_user_active_created', 'no temp b-tree'],
    },
    {
      variant: 'better',
      operation: 'Q1-literal',
      vmSteps: 500,
      plan: ['uses idx_prompts_user_active_created', 'no temp b-tree'],
    },
  ],
})
