import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { listScenarios, unknownScenario } from './built-in.ts'
import { checkScenario } from './check.ts'
import type { Scenario } from './scenario.ts'
import { defaultExport, isScriptPath, readScript, shownPath } from './script-file.ts'

export interface LoadedScenario {
  /** `indexes/composite` for one of ours, the file's name without extension for one of yours. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** SHA-256 (hex) of the scenario file. */
  readonly fileDigest: string
  readonly scenario: Scenario
}

/**
 * Loads a scenario: one of ours by id, or any TypeScript or JavaScript file by path.
 * @throws UsageError with the path of the file and, where there is one, the line or the place in the scenario
 */
export async function loadScenario(idOrPath: string): Promise<LoadedScenario> {
  const known = await listScenarios()
  const isPath = isScriptPath(idOrPath)
  const path = isPath ? resolve(idOrPath) : known.find(({ id }) => id === idOrPath)?.path
  if (path === undefined) throw unknownScenario(idOrPath, known)
  const id = known.find((file) => file.path === path)?.id ?? basename(path).replace(/\.[^.]+$/, '')
  const shown = isPath ? idOrPath : shownPath(path)
  const source = await readScript(path, shown, 'scenario')
  const scenario = checkScenario(await defaultExport(path, shown, 'scenario'), shown)
  return { id, path, fileDigest: createHash('sha256').update(source).digest('hex'), scenario }
}
