import { readFile, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorText } from '../../core/error-text.ts'
import { ForgebenchError, UsageError } from '../../core/errors.ts'
import { cacheFolder, makeCacheFolder } from '../../target/cache-folder.ts'
import { loadError, type ScriptKind } from './load-error.ts'
import { whileLoading } from './script-being-loaded.ts'
import { keptTransform } from './kept-transform.ts'

/** How its default export is written, for the message of a file that has none. */
const defaultExports = {
  scenario: 'export default defineScenario({ … })',
  sweep: 'export default defineSweep({ … })',
  profile: 'export default { … } satisfies LoadProfile',
  configuration: 'export default defineConfig({ … })',
} as const satisfies Record<ScriptKind, string>

/** A path starts with a dot or a slash, or ends as a script does; everything else is an id. */
export const isScriptPath = (idOrPath: string): boolean =>
  /^(?:\.{1,2}(?:[\\/]|$)|[\\/]|[A-Za-z]:[\\/])|\.[cm]?[jt]s$/.test(idOrPath)

/** A path as messages show it: relative to here where it lies below. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}

/**
 * The bytes of a script.
 * @throws UsageError when there is none, or it cannot be read
 */
export async function readScript(path: string, shown: string, kind: ScriptKind): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const prefix = kind.toUpperCase()
    if (code === 'EISDIR') {
      throw new UsageError(`${prefix}_IS_FOLDER`, `${shown}: is a folder; name a ${kind} file in it`)
    }
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UsageError(
        `${prefix}_NOT_FOUND`,
        `${shown}: no such file; see what there is with: forgebench list`,
      )
    }
    throw new UsageError(`${prefix}_UNREADABLE`, `${shown}: cannot be read (${String(code)})`, {
      cause: error,
    })
  }
}

/** Our own front door: src/index.ts when run from source, dist/index.js when built. */
const frontDoor = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../index.ts' : '../../index.js', import.meta.url),
)

/**
 * Loads a TypeScript or JavaScript module as it stands, without a build step and without leaving files beside it: what it
 * is transformed to is kept in the cache folder. As in Node, a link is loaded from where it leads to: its imports lie there.
 */
export async function importScript(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { createJiti } = await import('jiti')
  const folder = join(cacheFolder(), 'scripts')
  await makeCacheFolder(folder).catch(() => undefined)
  const jiti = createJiti(import.meta.url, {
    alias: { forgebench: frontDoor },
    // Jiti's own would lie in the user's node_modules or temporary folder, and run what is damaged.
    fsCache: false,
    transform: keptTransform(folder, (source) =>
      createJiti(import.meta.url, { fsCache: false }).transform(source),
    ),
    // With interop, a file without a default export would seem to have one.
    interopDefault: false,
  })
  return await jiti.import<Record<string, unknown>>(await realpath(path).catch(() => path))
}

/**
 * Reads what a script exports, or checks it: that may run code of a user too, such as a getter.
 * @throws UsageError where that code throws
 */
export async function readExport<T>(shown: string, kind: ScriptKind, read: () => T): Promise<Awaited<T>> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ForgebenchError) throw error
    throw new UsageError(
      `${kind.toUpperCase()}_THROWS`,
      `${shown}: throws when it is read: ${errorText(error)}; write plain values`,
      { cause: error },
    )
  }
}

/**
 * The default export of a script.
 * @throws UsageError with the path and, where it is known, the line
 */
export async function defaultExport(path: string, shown: string, kind: ScriptKind): Promise<unknown> {
  const load = whileLoading(shown, kind, () => importScript(path))
  const module = await load.catch(async (error: unknown) => {
    if (error instanceof UsageError) throw error
    throw loadError(error, await realpath(path).catch(() => path), shown, kind)
  })
  if (typeof module === 'object' && module !== null && module['default'] !== undefined)
    return await readExport(shown, kind, () => module['default'])
  throw new UsageError(
    `${kind.toUpperCase()}_NO_DEFAULT`,
    `${shown}: has no default export; write: ${defaultExports[kind]}`,
  )
}
