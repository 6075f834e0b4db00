import { access, readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * The nearest folder `migrations/` beside or above a scenario file that holds `<id>/migration.json`: the migrations of
 * its project. Looked for up to `top`, else up to the folder of the git repository; where a link has none, from the file
 * that it leads to. Undefined where there is none.
 */
export async function nearestMigrations(scenarioPath: string, top?: string): Promise<string | undefined> {
  const beside = await migrationsAbove(scenarioPath, top)
  const file = await realpath(scenarioPath).catch(() => scenarioPath)
  return beside ?? (file === scenarioPath ? undefined : migrationsAbove(file, top))
}

async function migrationsAbove(scenarioPath: string, top: string | undefined): Promise<string | undefined> {
  for (let folder = dirname(scenarioPath); ; folder = dirname(folder)) {
    const migrations = join(folder, 'migrations')
    if (await holdsMigrations(migrations)) return migrations
    const isTop = top === undefined ? await exists(join(folder, '.git')) : folder === top
    if (isTop || folder === dirname(folder)) return undefined
  }
}

async function holdsMigrations(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  const found = await Promise.all(names.map((name) => exists(join(folder, name, 'migration.json'))))
  return found.includes(true)
}
