import { readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { InterruptedError, UsageError } from '../../core/errors.ts'
import { readMigrations } from '../../schema/migration.ts'
import { asFileError } from '../../target/file-error.ts'
import { makeFolder } from '../../target/make-folder.ts'
import { fileSealShape, isAsSealed, sealCheck, sealFile } from './file-seal.ts'
import { generatorVersion } from './generator-version.ts'
import type { SeedPlan } from './plan.ts'
import { checkSeed, rowCounts } from './scale.ts'
import type { SeedOptions } from './seed-database.ts'
import { readSeedRecord, type SeedRecord } from './seed-record.ts'
import { removeDatabase } from './seeding-file.ts'

export interface CacheOptions extends Pick<SeedOptions, 'workers' | 'signal' | 'onProgress'> {
  /** The folder; default: see `cacheFolder`. */
  readonly folder?: string
  /** Bytes that all cached databases together may take; the least recently used go first. */
  readonly limitBytes?: number
}

const defaultLimitBytes = 8e9

/** `$FORGEBENCH_CACHE`, else `$XDG_CACHE_HOME/forgebench`, else `~/.cache/forgebench`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { FORGEBENCH_CACHE: ours, XDG_CACHE_HOME: shared } = environment
  if (ours !== undefined && ours !== '') return resolve(ours)
  return shared !== undefined && shared !== ''
    ? resolve(shared, 'forgebench')
    : join(homedir(), '.cache', 'forgebench')
}

/**
 * Makes a folder of the cache where it is not there.
 * @throws UsageError CACHE_FOLDER; TargetError when the disk is full
 */
export async function makeCacheFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOSPC' || error.code === 'EDQUOT') throw asFileError(error, folder)
    throw new UsageError(
      'CACHE_FOLDER',
      `cannot make the cache folder ${folder} (${error.code}); set FORGEBENCH_CACHE to a folder of yours`,
    )
  })
}

/**
 * The path of a finished seeded database with the initial migration, made on first use. Treat the file as
 * read-only: copy it before you change anything. Several processes may ask at once: each builds a file of its
 * own, and whichever is finished first or last, the name always stands for a complete database.
 * @throws UsageError for a bad scale or seed or a folder that cannot be written; TargetError when building fails
 */
export async function seededDatabase(plan: SeedPlan, options: CacheOptions = {}): Promise<string> {
  checkSeed(plan.seed)
  rowCounts(plan.scale)
  const { folder = cacheFolder(), limitBytes = defaultLimitBytes, ...seeding } = options
  const [initial] = (await readMigrations()).filter(({ id }) => id === 'initial')
  if (initial === undefined) throw new UsageError('SEED_MIGRATION', 'no migration «initial» in migrations/')
  const key = `${initial.checksum.slice(0, 12)}-g${generatorVersion}-${plan.ids}-x${plan.scale}-s${plan.seed}`
  const path = join(folder, `${key}.db`)
  const isOurs = (record: SeedRecord | undefined): boolean =>
    record !== undefined &&
    record.schemaChecksum === initial.checksum &&
    record.generatorVersion === generatorVersion &&
    record.seed === plan.seed &&
    record.scale === plan.scale &&
    record.ids === plan.ids
  await makeCacheFolder(folder)
  if (!(await isWhole(path)) || !isOurs(await readSeedRecord(path))) {
    await build(path, isOurs, { ...plan, ...seeding, path })
  }
  await touch(path)
  await trim(folder, path, limitBytes)
  return path
}

async function build(
  path: string,
  isOurs: (record: SeedRecord | undefined) => boolean,
  options: SeedOptions,
): Promise<void> {
  try {
    // What is there under this name and is not ours was damaged, truncated or put there by hand.
    await rm(sealPath(path), { force: true })
    if ((await stat(path).catch(() => undefined)) !== undefined) await removeDatabase(path)
    // Loaded when it is asked for: its vocabulary is large.
    const { seedDatabase } = await import('./seed-database.ts')
    await seedDatabase(options)
  } catch (error) {
    if (error instanceof InterruptedError) throw error
    // Another process was faster: its database has the same rows.
    if (!isOurs(await readSeedRecord(path))) throw error
  }
}

const sealPath = (path: string): string => `${path}.seal.json`

/**
 * False for a database that is not as it was sealed. One without a seal was just made, by this process or another: it is
 * sealed as it is. A cache that may be read but not written still serves.
 */
async function isWhole(path: string): Promise<boolean> {
  const text = await readFile(sealPath(path), 'utf8').catch(() => undefined)
  if (text === undefined) return true
  const seal = fileSealShape.safeParse(parsed(text))
  return !seal.success || (await isAsSealed(path, seal.data, sealCheck()))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Seals a database that has no seal yet, and marks it as used: the order of eviction is that of the seals' times. */
async function touch(path: string): Promise<void> {
  const now = new Date()
  const sealed = fileSealShape.safeParse(parsed(await readFile(sealPath(path), 'utf8').catch(() => '')))
  await (
    sealed.success
      ? utimes(sealPath(path), now, now)
      : writeFile(sealPath(path), JSON.stringify(await sealFile(path)))
  ).catch(() => undefined)
}

async function trim(folder: string, keep: string, limitBytes: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.db'))
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const [found, seal] = await Promise.all(
        [path, sealPath(path)].map((each) => stat(each).catch(() => undefined)),
      )
      return { path, bytes: found?.size ?? 0, usedMs: (seal ?? found)?.mtimeMs ?? 0 }
    }),
  )
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { path, bytes } of files.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (total <= limitBytes) return
    if (path === keep) continue
    await rm(sealPath(path), { force: true })
    await rm(path, { force: true })
    total -= bytes
  }
}
