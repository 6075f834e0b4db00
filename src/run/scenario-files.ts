import { access } from 'node:fs/promises'
import { relative, resolve } from 'node:path'

/**
 * Where the files of scenarios lie below the root of the repository, as annotations name them: as the caller knows them,
 * else `scenarios/<id>.ts` where there is one. What lies outside of the repository is left out.
 */
export async function scenarioFiles(
  ids: readonly string[],
  known: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const root = process.env['GITHUB_WORKSPACE'] ?? '.'
  const files: Record<string, string> = {}
  for (const id of new Set(ids)) {
    const path = Object.hasOwn(known, id) ? known[id] : await ownScenario(id)
    const below = path === undefined ? '' : relative(root, path).replaceAll('\\', '/')
    if (below !== '' && !/^(\.\.(\/|$)|\/|[A-Za-z]:)/.test(below)) files[id] = below
  }
  return files
}

async function ownScenario(id: string): Promise<string | undefined> {
  if (!/^[\w./-]+$/.test(id)) return undefined
  const path = resolve('scenarios', `${id}.ts`)
  return access(path).then(
    () => path,
    () => undefined,
  )
}
