import { defineScenario } from 'forgebench'
import {
  insertEvaluations,
  latestEvaluations,
  modelSummary,
  promptWithEvaluations,
} from '../queries/evaluations.ts'
import { activatePrompts, activePromptsOfUser, laterVersions, newestByStatus } from '../queries/prompts.ts'
import { insertTestResults, meanScore, meanScoreOfPassed, worstFailures } from '../queries/test-results.ts'

const halved = { variant: 'composite', versus: 'baseline', claimed: { from: -0.5, to: -0.7 } } as const
const doubled = { measure: 'load-throughput', claimed: { from: 1, to: 1 } } as const

export default defineScenario({
  title: 'Composite indexes for the three common queries',
  why: 'The review (§2.1) calls three queries common and promises that one composite index for each cuts their time by half or more. An index serves a query only when its columns come in the order of WHERE, then ORDER BY; and every index is paid for by every write. So the three queries are measured beside the others that the application runs, and beside the writes.',
  claims: [
    {
      claim: 'C1',
      parts: [
        { ...halved, measure: 'time', quantile: 'p50', operation: 'Q1' },
        { ...halved, measure: 'time', quantile: 'p50', operation: 'Q2' },
        { ...halved, measure: 'time', quantile: 'p50', operation: 'Q3' },
      ],
      note: 'Each query against the schema as it is, both after ANALYZE. Look at the plan of the baseline before crediting the index: after ANALYZE it may search deleted_at for NULL, which nearly all rows have, because sqlite_stat1 keeps only a mean per value; without that index it would search user_id. (evaluation_id, score) does not hold passed, so Q3 must still look up every row; «better» has (evaluation_id, passed, score).',
    },
    {
      claim: 'C2',
      parts: [
        { ...doubled, variant: 'composite', versus: 'baseline' },
        { ...doubled, variant: 'composite:no-stats', versus: 'baseline:no-stats' },
      ],
      note: "Throughput of the whole API, at peak: what HTTP and JSON cost is in it on both sides, so an index can do no more than its query weighs in a request. Each request alone says how far that is. The mix of the review lists everybody's prompts and creates new ones: of its requests the three indexes serve none.",
    },
  ],
  variants: [
    { id: 'baseline', title: 'as it is', role: 'baseline', migrations: [] },
    {
      id: 'composite',
      title: "the review's three composite indexes",
      role: 'candidate',
      migrations: ['composite-indexes'],
    },
    {
      id: 'better',
      title: 'passed in the third, deleted prompts left out of the first, what they replace dropped',
      role: 'alternative',
      migrations: ['composite-indexes-better'],
    },
    {
      id: 'composite-client',
      title: "the review's indexes through @libsql/client",
      role: 'driver',
      migrations: ['composite-indexes'],
      driver: '@libsql/client',
      versus: 'composite',
      statistics: ['analyzed'],
    },
  ],
  operations: [
    activePromptsOfUser,
    latestEvaluations,
    meanScoreOfPassed,
    newestByStatus,
    promptWithEvaluations,
    modelSummary,
    laterVersions,
    worstFailures,
    meanScore,
    insertTestResults,
    insertEvaluations,
    activatePrompts,
  ],
  budgets: [
    {
      variant: 'composite',
      operation: 'Q1',
      vmSteps: 500,
      plan: ['uses idx_prompts_user_status_created', 'no temp b-tree'],
    },
    {
      variant: 'composite',
      operation: 'Q2',
      vmSteps: 150,
      plan: ['uses idx_evaluations_prompt_created', 'no temp b-tree'],
    },
    { variant: 'composite', operation: 'Q3', plan: ['uses idx_test_results_eval_score'] },
    {
      variant: 'better',
      operation: 'Q1',
      vmSteps: 500,
      plan: ['uses idx_prompts_user_active_created', 'no temp b-tree'],
    },
    {
      variant: 'better',
      operation: 'Q2',
      vmSteps: 150,
      plan: ['uses idx_evaluations_prompt_created', 'no temp b-tree'],
    },
    { variant: 'better', operation: 'Q3', plan: ['uses idx_test_results_eval_passed_score'] },
  ],
})
