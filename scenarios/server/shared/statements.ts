import type { SweepContext, SweepStatements, SweepTarget, Tuple, Value } from 'forgebench'
import { activePromptsOfUser } from '../../queries/prompts.ts'

const users =
  "SELECT DISTINCT user_id FROM prompts WHERE status = 'active' AND deleted_at IS NULL ORDER BY user_id"

/** A read as the application has most of them: one user's active prompts, another user each time. */
export async function promptReader(
  context: SweepContext,
): Promise<(target: SweepStatements) => Promise<readonly Tuple[]>> {
  const ids = (await context.rows(users)).map(([id]) => id ?? null)
  return (target) => {
    const user = ids[Math.floor(context.random() * ids.length)] ?? null
    return target.query(activePromptsOfUser.sql, [user, 'active'])
  }
}

/** One row in `prompts`: its arguments are an id and a title. */
export const insertPrompt =
  "INSERT INTO prompts (id, title, content, user_id, status) VALUES (?, ?, 'Say hello.', 'user_sweep', 'draft')"

/** The arguments of `insertPrompt` for a new row. */
export const newPrompt = (context: SweepContext, title = 'swept'): readonly Value[] => [
  context.newId(),
  title,
]

/** Opens as many connections as workers will need, so that none of them is opened while it is timed. */
export const warmUp = (target: SweepTarget, workers: number): Promise<unknown> =>
  Promise.all(Array.from({ length: workers }, () => target.query('SELECT 1')))
