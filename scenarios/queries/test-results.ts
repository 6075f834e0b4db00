import type { ReadOperation, WriteOperation } from 'forgebench'
import { insertInto, momentAfterData, testResultColumns } from './rows.ts'

export const meanScoreOfPassed: ReadOperation = {
  kind: 'read',
  id: 'Q3',
  title: "an evaluation's mean score over passed results",
  sql: 'SELECT AVG(score) FROM test_results WHERE evaluation_id = ? AND passed = TRUE',
  draw: { table: 'evaluations', columns: ['id'], where: "status = 'completed'" },
  rows: { min: 1, max: 1 },
}

export const meanScore: ReadOperation = {
  kind: 'read',
  id: 'mean-score',
  title: "an evaluation's mean and lowest score over all results",
  sql: 'SELECT AVG(score), MIN(score) FROM test_results WHERE evaluation_id = ?',
  draw: { table: 'evaluations', columns: ['id'], where: "status = 'completed'" },
  rows: { min: 1, max: 1 },
}

export const worstFailures: ReadOperation = {
  kind: 'read',
  id: 'failures',
  title: "an evaluation's failed results, lowest score first, 20",
  sql: `SELECT id, test_case_name, actual_output, score, latency_ms FROM test_results
WHERE evaluation_id = ? AND passed = FALSE ORDER BY score LIMIT 20`,
  draw: { table: 'test_results', columns: ['evaluation_id'], where: 'passed = FALSE' },
  rows: { min: 1, max: 20 },
  orderedBy: ['score'],
}

export const resultById: ReadOperation = {
  kind: 'read',
  id: 'result-by-id',
  title: 'one test result by its id',
  sql: `SELECT ${testResultColumns.join(', ')} FROM test_results WHERE id = ?`,
  draw: { table: 'test_results', columns: ['id'] },
  rows: { min: 1, max: 1 },
}

export const resultsOfPrompt: ReadOperation = {
  kind: 'read',
  id: 'prompt-results',
  title: "results of a prompt's evaluations: prompts, evaluations and test results joined by their ids",
  sql: `SELECT e.id, e.model, COUNT(r.id), AVG(r.score), SUM(r.cost_usd)
FROM prompts AS p JOIN evaluations AS e ON e.prompt_id = p.id JOIN test_results AS r ON r.evaluation_id = e.id
WHERE p.id = ? GROUP BY e.id`,
  draw: { table: 'evaluations', columns: ['prompt_id'], where: "status = 'completed'" },
  rows: { min: 1, max: 10_000 },
}

export const insertTestResults: WriteOperation = {
  kind: 'write',
  id: 'insert-results',
  title: 'new test results, 25 in a transaction',
  sql: insertInto('test_results', testResultColumns),
  draw: { table: 'test_results', columns: testResultColumns },
  args: (row, { index, newId }) => [
    newId(),
    ...row.slice(1, 11),
    momentAfterData(index),
    momentAfterData(index),
  ],
  statementsPerTransaction: 25,
}

export const deleteTestResults: WriteOperation = {
  kind: 'write',
  id: 'delete-results',
  title: 'test results are deleted, 25 in a transaction',
  sql: 'DELETE FROM test_results WHERE id = ?',
  draw: { table: 'test_results', columns: ['id'] },
  statementsPerTransaction: 25,
}
