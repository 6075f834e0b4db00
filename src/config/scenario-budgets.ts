import { readdir } from 'node:fs/promises'
import { dirname, parse } from 'node:path'
import { closest, distance } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'
import { listScenarios } from '../scenario/built-in.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { withBudgets } from '../scenario/with-budgets.ts'
import { readConfig } from './read.ts'

const file = 'forgebench.config.ts'

/**
 * The scenario with the budgets that the configuration in a folder has for it.
 * @throws UsageError as `readConfig`; BUDGET_INVALID for a budget that names what the scenario has not, and for budgets of
 * a scenario whose name is a slip of another's: they would never be applied
 */
export async function withConfigBudgets(loaded: LoadedScenario, folder: string): Promise<LoadedScenario> {
  const budgets = (await readConfig(folder)).gate?.budgets ?? {}
  const known = [
    loaded.id,
    ...(await listScenarios()).map(({ id }) => id),
    ...(await filesBeside(loaded, folder)),
  ]
  for (const id of Object.keys(budgets)) {
    const nearest = closest(id, known)
    if (!known.includes(id) && distance(id, nearest) <= 2) {
      throw new UsageError(
        'BUDGET_INVALID',
        `${file}: gate.budgets['${id}']: no scenario ${id}; did you mean ${nearest}?`,
      )
    }
  }
  return withBudgets(loaded, budgets[loaded.id] ?? [], file, `gate.budgets['${loaded.id}']`)
}

/** Names that other scenarios of the project may have: those of the files beside this one and the configuration. */
async function filesBeside({ path }: LoadedScenario, folder: string): Promise<readonly string[]> {
  const folders = [...new Set([dirname(path), folder])]
  const names = await Promise.all(folders.map((each) => readdir(each).catch(() => [])))
  return names.flat().map((name) => parse(name).name)
}
