import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../core/errors.ts'
import { budgetMistakes } from '../scenario/budget-rules.ts'
import { fieldsOf, mistakesText, shapeMistakes, type Mistake } from '../scenario/mistake.ts'
import { defaultExport, readExport } from '../scenario/script-file.ts'
import { thresholdMistakes } from '../scenario/threshold-rules.ts'
import type { Config } from './config.ts'

const fileNames = ['forgebench.config.ts', 'forgebench.config.js', 'forgebench.config.mjs']

const host = z
  .string()
  .regex(/^[^\s/:@]+$|^\[?[\da-fA-F:]+\]?$/, 'must be a host alone, such as staging.example.org')

const shape = z.strictObject({
  load: z.strictObject({ allowHosts: z.array(host).optional() }).optional(),
  gate: z
    .strictObject({
      budgets: z.record(z.string(), z.unknown()).optional(),
      thresholds: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
})

const fieldNames = ['load', 'allowHosts', 'gate', 'budgets', 'thresholds']

/** Budgets and thresholds; whether a budget names what its scenario has is known when that is loaded. */
function gateMistakes(value: unknown): readonly Mistake[] {
  const gate = fieldsOf(fieldsOf(value)['gate'])
  const budgets = Object.entries(fieldsOf(gate['budgets']))
  return [
    ...budgets.flatMap(([id, list]) => budgetMistakes(list, `gate.budgets['${id}']`)),
    ...thresholdMistakes(fieldsOf(gate['thresholds']), 'gate.thresholds', { mayAbort: false }),
  ]
}

/**
 * The configuration in a folder; empty where there is none.
 * @throws UsageError with the path and every mistake in it
 */
export async function readConfig(folder: string): Promise<Config> {
  for (const name of fileNames) {
    const path = join(folder, name)
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (!exists) continue
    const value = await defaultExport(path, name, 'configuration')
    const mistakes = await readExport(name, 'configuration', () => [
      ...shapeMistakes(shape, value, '', fieldNames),
      ...gateMistakes(value),
    ])
    if (mistakes.length > 0) throw new UsageError('CONFIG_INVALID', mistakesText(mistakes, name))
    return value as Config
  }
  return {}
}
