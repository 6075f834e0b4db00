import { createHash } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'
import { nearestMigrations } from '../../schema/migrations-folder.ts'
import { listSweeps, unknownScenario } from '../built-in.ts'
import { statedClaims, type CheckedClaim } from '../checked-claims.ts'
import { nearestClaims } from '../claims-file.ts'
import type { Dataset } from '../dataset.ts'
import { fieldsOf, itemsOf } from '../mistake.ts'
import { resolveDataset, type Datasets } from '../resolve-dataset.ts'
import { defaultExport, isScriptPath, readExport, readScript, shownPath } from '../script/script-file.ts'
import { checkSweep } from './check-sweep.ts'
import type { Sweep, SweepClaimPart } from './sweep.ts'

export interface LoadedSweep {
  /** `server/pool` for one of ours, the file's name without extension for one of yours. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** As messages show it. */
  readonly shown: string
  /** SHA-256 (hex) of the sweep file. */
  readonly fileDigest: string
  readonly sweep: Sweep
  /** What the sweep checks, as it was stated. */
  readonly claims: readonly CheckedClaim<SweepClaimPart>[]
  readonly dataset: Dataset
  /** The folder of its project's migrations, on top of those of the dataset. */
  readonly migrationsFolder: string | undefined
}

/**
 * Loads and checks a sweep: one of ours by id, or any TypeScript or JavaScript file by path.
 * @throws UsageError with the path of the file and, where there is one, the line or the place in the sweep
 */
export async function loadSweep(idOrPath: string, datasets: Datasets): Promise<LoadedSweep> {
  const known = await listSweeps()
  const isPath = isScriptPath(idOrPath)
  const path = isPath ? resolve(idOrPath) : known.find(({ id }) => id === idOrPath)?.path
  if (path === undefined) throw unknownScenario(idOrPath, known)
  const ours = known.find((file) => file.path === path)
  const id = ours?.id ?? basename(path).replace(/\.[^.]+$/, '')
  const shown = isPath ? idOrPath : shownPath(path)
  const source = await readScript(path, shown, 'sweep')
  const value = await defaultExport(path, shown, 'sweep')
  const checked = await readExport(shown, 'sweep', async () => {
    const hasClaims = itemsOf(fieldsOf(value)['claims']).length > 0
    const stated = hasClaims ? await nearestClaims(path) : { path: undefined, claims: [] }
    const sweep = checkSweep(value, shown, stated)
    return { sweep, claims: statedClaims(sweep.claims, stated.claims) }
  })
  const folder = dirname(path)
  return {
    id,
    path,
    shown,
    fileDigest: createHash('sha256').update(source).digest('hex'),
    ...checked,
    dataset: resolveDataset(checked.sweep, datasets, {
      shown,
      folder,
      databases: folder,
      isBuiltIn: ours !== undefined,
    }),
    migrationsFolder: await nearestMigrations(path),
  }
}

/**
 * True when a name is that of a sweep rather than of a scenario: an id of ours, or a file whose default export has
 * points. What cannot be loaded is no sweep; loading it as a scenario says why.
 */
export async function namesSweep(idOrPath: string): Promise<boolean> {
  if (!isScriptPath(idOrPath)) return (await listSweeps()).some(({ id }) => id === idOrPath)
  const path = resolve(idOrPath)
  return defaultExport(path, path, 'sweep').then(
    (value) => typeof value === 'object' && value !== null && 'points' in value,
    () => false,
  )
}

/** The sweep of a file that was checked before, for the process that measures it. */
export const sweepForMeasuring = async (path: string): Promise<Sweep> =>
  (await defaultExport(path, path, 'sweep')) as Sweep
