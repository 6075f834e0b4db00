import { defineScenario, type ReadOperation } from 'forgebench'
import {
  insertEvaluations,
  latestEvaluations,
  modelSummary,
  promptWithEvaluations,
} from '../queries/evaluations.ts'
import { activatePrompts, activePromptsOfUser, laterVersions, newestByStatus } from '../queries/prompts.ts'
import { insertTestResults, meanScore, meanScoreOfPassed, worstFailures } from '../queries/test-results.ts'

const byTag: ReadOperation = {
  kind: 'read',
  id: 'by-tag',
  title: "how often a user's prompts carry each tag (json_each)",
  sql: 'SELECT tag.value AS tag, count(*) AS prompts FROM prompts, json_each(prompts.tags) AS tag WHERE user_id = ? GROUP BY tag.value ORDER BY tag.value',
  draw: { table: 'prompts', columns: ['user_id'], where: 'json_array_length(tags) > 0' },
  rows: { min: 1, max: 1000 },
  orderedBy: ['tag'],
}

const byMonth: ReadOperation = {
  kind: 'read',
  id: 'by-month',
  title: 'evaluations of a status by month (strftime)',
  sql: "SELECT strftime('%Y-%m', created_at) AS month, count(*) AS evaluations, avg(overall_score) AS score FROM evaluations WHERE status = ? GROUP BY month ORDER BY month",
  draw: { table: 'evaluations', columns: ['status'] },
  rows: { min: 1, max: 1000 },
  orderedBy: ['month'],
}

const byTitle: ReadOperation = {
  kind: 'read',
  id: 'by-title',
  title: "a user's prompts whose title begins alike (LIKE)",
  sql: 'SELECT id, title FROM prompts WHERE user_id = ? AND title LIKE ? ORDER BY title, id',
  draw: { table: 'prompts', columns: ['user_id', 'title'] },
  args: ([user = null, title = null]) => [user, `${String(title).slice(0, 3)}%`],
  rows: { min: 1, max: 10_000 },
  orderedBy: ['title', 'id'],
}

const ranked: ReadOperation = {
  kind: 'read',
  id: 'ranked',
  title: 'the evaluations of a prompt by rank (window function)',
  sql: 'SELECT id, rank() OVER (ORDER BY overall_score DESC) AS place FROM evaluations WHERE prompt_id = ? ORDER BY id',
  draw: { table: 'evaluations', columns: ['prompt_id'] },
  rows: { min: 1, max: 10_000 },
  orderedBy: ['id'],
}

export default defineScenario({
  title: "Turso's rewrite of SQLite against libSQL",
  why: 'Turso offers a second engine, written anew (@tursodatabase/database), beside libSQL. Whoever thinks of moving asks three things of it: does it answer every statement of the application, and as libSQL does; does it take the same indexes; and is it faster. The same files are given to both, and every answer is compared, with its types, before anything is timed.',
  claims: [],
  variants: [
    { id: 'libsql', title: 'libSQL', role: 'baseline', migrations: [] },
    {
      id: 'turso',
      title: "Turso's rewrite",
      role: 'candidate',
      migrations: [],
      driver: '@tursodatabase/database',
    },
  ],
  statistics: ['analyzed'],
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
    byTag,
    byMonth,
    byTitle,
    ranked,
    insertTestResults,
    insertEvaluations,
    activatePrompts,
  ],
})
