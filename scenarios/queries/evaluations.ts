import type { ReadOperation, WriteOperation } from 'forgebench'
import { evaluationColumns, insertInto, momentAfterData } from './rows.ts'

export const latestEvaluations: ReadOperation = {
  kind: 'read',
  id: 'Q2',
  title: "a prompt's latest 5 evaluations",
  sql: `SELECT ${evaluationColumns.join(', ')} FROM evaluations
WHERE prompt_id = ? ORDER BY created_at DESC LIMIT 5`,
  draw: { table: 'evaluations', columns: ['prompt_id'] },
  rows: { min: 1, max: 5 },
  orderedBy: ['created_at'],
}

export const modelSummary: ReadOperation = {
  kind: 'read',
  id: 'model-summary',
  title: 'number, mean score and mean time of the completed evaluations of one model',
  sql: `SELECT COUNT(*), AVG(overall_score), AVG(execution_time_ms) FROM evaluations
WHERE provider = ? AND model = ? AND status = 'completed'`,
  draw: { table: 'evaluations', columns: ['provider', 'model'], where: "status = 'completed'" },
  rows: { min: 1, max: 1 },
}

/** A bound value hides from the planner whether the partial index may serve; libSQL plans again when it is bound. */
export const runningBound: ReadOperation = {
  kind: 'read',
  id: 'running-bound',
  title: "a prompt's running evaluations, status bound as an ORM sends it",
  sql: `SELECT id, provider, model, created_at FROM evaluations
WHERE prompt_id = ? AND status = ? ORDER BY created_at DESC LIMIT 20`,
  draw: { table: 'evaluations', columns: ['prompt_id', 'status'], where: "status = 'running'" },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}

export const runningLiteral: ReadOperation = {
  kind: 'read',
  id: 'running-literal',
  title: "a prompt's running evaluations, status = 'running' in the text",
  sql: `SELECT id, provider, model, created_at FROM evaluations
WHERE prompt_id = ? AND status = 'running' ORDER BY created_at DESC LIMIT 20`,
  draw: { table: 'evaluations', columns: ['prompt_id'], where: "status = 'running'" },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}

export const promptWithEvaluations: ReadOperation = {
  kind: 'read',
  id: 'prompt-evaluations',
  title: 'a prompt joined with its latest 20 evaluations',
  sql: `SELECT p.id, p.title, p.version, e.id AS evaluation_id, e.status, e.overall_score, e.created_at
FROM prompts AS p JOIN evaluations AS e ON e.prompt_id = p.id
WHERE p.id = ? ORDER BY e.created_at DESC LIMIT 20`,
  draw: { table: 'evaluations', columns: ['prompt_id'] },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}

export const evaluationById: ReadOperation = {
  kind: 'read',
  id: 'evaluation-by-id',
  title: 'one evaluation by its id',
  sql: `SELECT ${evaluationColumns.join(', ')} FROM evaluations WHERE id = ?`,
  draw: { table: 'evaluations', columns: ['id'] },
  rows: { min: 1, max: 1 },
}

export const insertEvaluations: WriteOperation = {
  kind: 'write',
  id: 'insert-evaluations',
  title: 'new evaluations, pending, 20 in a transaction',
  sql: insertInto('evaluations', evaluationColumns),
  draw: { table: 'evaluations', columns: ['prompt_id', 'test_suite_id', 'provider', 'model'] },
  args: ([prompt = null, suite = null, provider = null, model = null], { index, newId }) => {
    const now = momentAfterData(index)
    return [newId(), prompt, suite, 'pending', null, null, null, provider, model, null, now, now]
  },
  statementsPerTransaction: 20,
}

/** Evaluations that run at seeding time are too few to draw thousands of; those done before are run once more. */
export const startEvaluations: WriteOperation = {
  kind: 'write',
  id: 'start-evaluations',
  title: 'evaluations start to run (again), 20 in a transaction',
  sql: "UPDATE evaluations SET status = 'running', updated_at = ? WHERE id = ?",
  draw: { table: 'evaluations', columns: ['id'], where: "status <> 'running'" },
  args: ([id = null], { index }) => [momentAfterData(index), id],
  statementsPerTransaction: 20,
}
