import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { exists, nearestAbove } from './nearest-above.ts'

/**
 * The nearest folder `migrations/` beside or above a scenario file that holds `<id>/migration.json`: the migrations of
 * its project, found as `nearestAbove` says.
 */
export const nearestMigrations = (scenarioPath: string, top?: string): Promise<string | undefined> =>
  nearestAbove(scenarioPath, top, async (folder) => {
    const migrations = join(folder, 'migrations')
    const names = await readdir(migrations).catch(() => [])
    const found = await Promise.all(names.map((name) => exists(join(migrations, name, 'migration.json'))))
    return found.includes(true) ? migrations : undefined
  })
