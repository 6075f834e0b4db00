import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { listLoadProfiles, scenariosFolder, unknownProfile } from '../built-in.ts'
import { checkProfile } from './load-profile-check.ts'
import type { LoadProfile, PlannedRequest } from './load-profile.ts'
import { rowsOf } from './rows.ts'
import { defaultExport, isScriptPath, readExport, readScript, shownPath } from '../script/script-file.ts'
import { sequenceOf, thinkMsAt } from './sequence.ts'

export interface LoadedProfile {
  /** `load/orders-api` for one of ours, the file's name without extension for one of yours. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** As messages show it. */
  readonly shown: string
  /** SHA-256 (hex) of the file. */
  readonly fileDigest: string
  readonly profile: LoadProfile
  /** Absolute path of the rows that the profile names; of a file without rows where it draws none. */
  readonly dataPath: string
}

/**
 * Loads and checks a load profile: one of ours by id (`load/orders-api` or `orders-api`), or any TypeScript or
 * JavaScript file by path.
 * @throws UsageError with the path of the file and, where there is one, the line or the place in the profile
 */
export async function loadProfile(idOrPath: string): Promise<LoadedProfile> {
  const known = await listLoadProfiles()
  const isPath = isScriptPath(idOrPath)
  const path = isPath
    ? resolve(idOrPath)
    : known.find(({ id }) => id === idOrPath || id === `load/${idOrPath}`)?.path
  if (path === undefined) throw unknownProfile(idOrPath, known)
  const id = known.find((file) => file.path === path)?.id ?? basename(path).replace(/\.[^.]+$/, '')
  const shown = isPath ? idOrPath : shownPath(path)
  const source = await readScript(path, shown, 'profile')
  const value = await defaultExport(path, shown, 'profile')
  const profile = await readExport(shown, 'profile', () => checkProfile(value, shown))
  return {
    id,
    path,
    shown,
    fileDigest: createHash('sha256').update(source).digest('hex'),
    profile,
    dataPath: await dataPathOf(path, profile),
  }
}

/** The rows lie beside the profile; where that is a link without them, beside the file that it leads to. */
async function dataPathOf(path: string, { data }: LoadProfile): Promise<string> {
  if (data === undefined || Object.keys(data.tables).length === 0) return noRowsPath
  const beside = resolve(dirname(path), data.file)
  const file = await realpath(path).catch(() => path)
  if (file === path || (await stat(beside).catch(() => undefined)) !== undefined) return beside
  return resolve(dirname(file), data.file)
}

/**
 * True when a name is that of a load profile rather than of a scenario: an id of ours, or a file whose default export
 * has mixes. What cannot be loaded is no profile; loading it as a scenario says why.
 */
export async function namesProfile(idOrPath: string): Promise<boolean> {
  const known = await listLoadProfiles()
  if (!isScriptPath(idOrPath)) return known.some(({ id }) => id === idOrPath || id === `load/${idOrPath}`)
  const path = resolve(idOrPath)
  return defaultExport(path, path, 'profile').then(
    (value) => typeof value === 'object' && value !== null && 'mixes' in value,
    () => false,
  )
}

/** Holds `{}`, so that every engine has a file to read. */
const noRowsPath = join(scenariosFolder, 'load', 'no-rows.json')

/** What a sender needs of a profile. */
export interface ProfileForSending {
  readonly profile: LoadProfile
  /** The request at a place of the sequence, from 0. */
  readonly sequence: (index: number) => PlannedRequest
  /** The think time before the request at that place, in milliseconds. */
  readonly thinkMsAt: (index: number) => number
}

/**
 * The profile and sequence of a plan, for senders, in worker threads and processes too. The plan was made from a
 * profile and rows that were checked, so nothing is checked again.
 */
export async function loadProfileForSending({
  profilePath,
  dataPath,
  mix,
  seed,
}: {
  readonly profilePath: string
  readonly dataPath: string
  readonly mix: string
  readonly seed: number
}): Promise<ProfileForSending> {
  const profile = (await defaultExport(profilePath, profilePath, 'profile')) as LoadProfile
  const data = rowsOf(await readFile(dataPath, 'utf8'), profile)
  return {
    profile,
    sequence: sequenceOf(profile, mix, data, seed),
    thinkMsAt: (index) => thinkMsAt(profile, seed, index),
  }
}
