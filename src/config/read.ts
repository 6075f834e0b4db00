import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UsageError } from '../core/errors.ts'
import { mistakesText, shapeMistakes } from '../scenario/mistake.ts'
import { defaultExport } from '../scenario/script-file.ts'
import type { Config } from './config.ts'

const fileNames = ['forgebench.config.ts', 'forgebench.config.js', 'forgebench.config.mjs']

const host = z
  .string()
  .regex(/^[^\s/:@]+$|^\[?[\da-fA-F:]+\]?$/, 'must be a host alone, such as staging.example.org')

const shape = z.strictObject({
  load: z.strictObject({ allowHosts: z.array(host).optional() }).optional(),
})

const fieldNames = ['load', 'allowHosts']

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
    const mistakes = shapeMistakes(shape, value, '', fieldNames)
    if (mistakes.length > 0) throw new UsageError('CONFIG_INVALID', mistakesText(mistakes, name))
    return value as Config
  }
  return {}
}
