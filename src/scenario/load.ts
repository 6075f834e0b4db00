import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { UsageError } from '../core/errors.ts'
import { listScenarios, unknownScenario } from './built-in.ts'
import { checkScenario } from './check.ts'
import { loadError } from './load-error.ts'
import type { Scenario } from './scenario.ts'

export interface LoadedScenario {
  /** `indexes/composite` for one of ours, the file's name without extension for one of yours. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** SHA-256 (hex) of the scenario file. */
  readonly fileDigest: string
  readonly scenario: Scenario
}

/** A path starts with a dot or a slash, or ends as a script does; everything else is an id. */
const pathPattern = /^(?:\.{1,2}(?:[\\/]|$)|[\\/]|[A-Za-z]:[\\/])|\.[cm]?[jt]s$/

/**
 * Loads a scenario: one of ours by id, or any TypeScript or JavaScript file by path.
 * @throws UsageError with the path of the file and, where there is one, the line or the place in the scenario
 */
export async function loadScenario(idOrPath: string): Promise<LoadedScenario> {
  const known = await listScenarios()
  const isPath = pathPattern.test(idOrPath)
  const path = isPath ? resolve(idOrPath) : known.find(({ id }) => id === idOrPath)?.path
  if (path === undefined) throw unknownScenario(idOrPath, known)
  const id = known.find((file) => file.path === path)?.id ?? basename(path).replace(/\.[^.]+$/, '')
  const shown = isPath ? idOrPath : shownPath(path)
  const source = await readSource(path, shown)
  const scenario = checkScenario(await defaultExport(path, shown), shown)
  return { id, path, fileDigest: createHash('sha256').update(source).digest('hex'), scenario }
}

function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}

async function readSource(path: string, shown: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EISDIR') {
      throw new UsageError('SCENARIO_IS_FOLDER', `${shown}: is a folder; name a scenario file in it`)
    }
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError(
        'SCENARIO_NOT_FOUND',
        `${shown}: no such file; see what there is with: forgebench list`,
      )
    }
    throw new UsageError('SCENARIO_UNREADABLE', `${shown}: cannot be read (${String(code)})`, {
      cause: error,
    })
  }
}

/** Our own front door: src/index.ts when run from source, dist/index.js when built. */
const frontDoor = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../index.ts' : '../index.js', import.meta.url),
)

async function defaultExport(path: string, shown: string): Promise<unknown> {
  const jiti = createJiti(import.meta.url, {
    alias: { forgebench: frontDoor },
    // A cache on disk would leave files in the user's node_modules or temporary folder.
    fsCache: false,
    // With interop, a file without a default export would seem to have one.
    interopDefault: false,
  })
  const module = await jiti.import<Record<string, unknown>>(path).catch((error: unknown) => {
    throw loadError(error, path, shown)
  })
  if (typeof module === 'object' && module !== null && module['default'] !== undefined)
    return module['default']
  throw new UsageError(
    'SCENARIO_NO_DEFAULT',
    `${shown}: has no default export; write: export default defineScenario({ … })`,
  )
}
