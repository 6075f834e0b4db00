import type { ReadOperation, WriteOperation } from 'forgebench'
import { insertInto, momentAfterData, promptColumns } from './rows.ts'

/** Both values are bound, as an ORM sends them; `deleted_at IS NULL` has no value to bind. */
export const activePromptsOfUser: ReadOperation = {
  kind: 'read',
  id: 'Q1',
  title: "a user's active prompts, newest first, 20 (status bound, as an ORM sends it)",
  sql: `SELECT ${promptColumns.join(', ')} FROM prompts
WHERE user_id = ? AND status = ? AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`,
  draw: {
    table: 'prompts',
    columns: ['user_id', 'status'],
    where: "status = 'active' AND deleted_at IS NULL",
  },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}

export const promptList: ReadOperation = {
  kind: 'read',
  id: 'list',
  title: 'the same page with the columns that a list shows, and no more',
  sql: `SELECT id, title, created_at, updated_at FROM prompts
WHERE user_id = ? AND status = ? AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`,
  draw: {
    table: 'prompts',
    columns: ['user_id', 'status'],
    where: "status = 'active' AND deleted_at IS NULL",
  },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}

/** The value stands in the text, as hand-written SQL has it: the planner sees it before anything is bound. */
export const activePromptsLiteral: ReadOperation = {
  kind: 'read',
  id: 'Q1-literal',
  title: "Q1 with status = 'active' in the text of the statement",
  sql: `SELECT ${promptColumns.join(', ')} FROM prompts
WHERE user_id = ? AND status = 'active' AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`,
  draw: { table: 'prompts', columns: ['user_id'], where: "status = 'active' AND deleted_at IS NULL" },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}

export const newestByStatus: ReadOperation = {
  kind: 'read',
  id: 'newest-by-status',
  title: 'the newest 20 prompts of everybody in one status',
  sql: `SELECT id, title, user_id, status, version, created_at FROM prompts
WHERE status = ? AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 20`,
  draw: { table: 'prompts', columns: ['status'], where: 'deleted_at IS NULL' },
  rows: { min: 1, max: 20 },
  orderedBy: ['created_at'],
}

export const promptCounts: ReadOperation = {
  kind: 'read',
  id: 'prompt-counts',
  title: "how many prompts a user has in each status: the list's tabs",
  sql: 'SELECT status, COUNT(*) FROM prompts WHERE user_id = ? AND deleted_at IS NULL GROUP BY status',
  draw: { table: 'prompts', columns: ['user_id'], where: 'deleted_at IS NULL' },
  rows: { min: 1, max: 3 },
}

/** A deleted prompt is not looked for through an index that leaves it out. */
export const trashOfUser: ReadOperation = {
  kind: 'read',
  id: 'trash',
  title: "a user's deleted prompts, latest first, 20",
  sql: `SELECT id, title, deleted_at FROM prompts
WHERE user_id = ? AND deleted_at IS NOT NULL ORDER BY deleted_at DESC LIMIT 20`,
  draw: { table: 'prompts', columns: ['user_id'], where: 'deleted_at IS NOT NULL' },
  rows: { min: 1, max: 20 },
  orderedBy: ['deleted_at'],
}

export const laterVersions: ReadOperation = {
  kind: 'read',
  id: 'versions',
  title: 'a prompt and all versions made from it, through parent_id',
  sql: `WITH RECURSIVE history (id, version, title, created_at) AS (
  SELECT id, version, title, created_at FROM prompts WHERE id = ?
  UNION ALL
  SELECT p.id, p.version, p.title, p.created_at FROM history AS h JOIN prompts AS p ON p.parent_id = h.id
)
SELECT id, version, title, created_at FROM history ORDER BY version`,
  draw: { table: 'prompts', columns: ['parent_id'], where: 'parent_id IS NOT NULL' },
  rows: { min: 2, max: 100 },
  orderedBy: ['version'],
}

export const promptById: ReadOperation = {
  kind: 'read',
  id: 'prompt-by-id',
  title: 'one prompt by its id',
  sql: `SELECT ${promptColumns.join(', ')} FROM prompts WHERE id = ?`,
  draw: { table: 'prompts', columns: ['id'] },
  rows: { min: 1, max: 1 },
}

export const insertPrompts: WriteOperation = {
  kind: 'write',
  id: 'insert-prompts',
  title: 'new prompts, 20 in a transaction',
  sql: insertInto('prompts', promptColumns),
  draw: { table: 'prompts', columns: promptColumns, where: 'deleted_at IS NULL' },
  args: (row, { index, newId }) => [
    newId(),
    ...row.slice(1, 11),
    momentAfterData(index),
    momentAfterData(index),
    null,
  ],
  statementsPerTransaction: 20,
}

export const activatePrompts: WriteOperation = {
  kind: 'write',
  id: 'change-status',
  title: 'prompts change their status, 20 in a transaction',
  sql: 'UPDATE prompts SET status = ?, updated_at = ? WHERE id = ?',
  draw: { table: 'prompts', columns: ['id', 'status'], where: 'deleted_at IS NULL' },
  args: ([id = null, status], { index }) => [
    status === 'active' ? 'archived' : 'active',
    momentAfterData(index),
    id,
  ],
  statementsPerTransaction: 20,
}

export const softDeletePrompts: WriteOperation = {
  kind: 'write',
  id: 'delete-prompts',
  title: 'prompts are deleted softly, 20 in a transaction',
  sql: 'UPDATE prompts SET deleted_at = ?, updated_at = ? WHERE id = ?',
  draw: { table: 'prompts', columns: ['id'], where: 'deleted_at IS NULL' },
  args: ([id = null], { index }) => [momentAfterData(index), momentAfterData(index), id],
  statementsPerTransaction: 20,
}
