import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { errorAt } from '../core/error-text.ts'
import { asFileError } from '../target/file-error.ts'
import { fileSealShape, isAsSealed, sealCheck, sealFile } from './file-seal.ts'

/** A database of the cache, which nobody writes to, and what was written down when it was made. */
export interface CachedDatabase<F> {
  readonly path: string
  readonly facts: F
}

const databaseName = 'database.db'
const factsName = 'facts.json'
const sealName = 'seal.json'
const sealShape = fileSealShape.extend({ factsDigest: z.string() })
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
let made = 0

/**
 * The database in a folder of the cache, made on first use. It is made beside its place and renamed: several processes may
 * ask at once, and the name always stands for a whole database. One that is not as it was sealed is made anew.
 * @param make makes the file at the path; its result is kept beside it as JSON
 * @throws what `make` throws; TargetError when the disk is full
 */
export async function cachedDatabase<F>(
  folder: string,
  make: (path: string) => Promise<F>,
): Promise<CachedDatabase<F>> {
  const facts = (await readFacts<F>(folder)) ?? (await makeDatabase(folder, make))
  const now = new Date()
  // The order of eviction. A cache that may be read but not written still serves.
  await utimes(folder, now, now).catch(() => undefined)
  return { path: join(folder, databaseName), facts }
}

async function readFacts<F>(folder: string): Promise<F | undefined> {
  try {
    const seal = sealShape.parse(JSON.parse(await readFile(join(folder, sealName), 'utf8')))
    if (!(await isAsSealed(join(folder, databaseName), seal, sealCheck()))) return undefined
    const text = await readFile(join(folder, factsName), 'utf8')
    return digestOf(text) === seal.factsDigest ? (JSON.parse(text) as F) : undefined
  } catch {
    return undefined
  }
}

async function makeDatabase<F>(folder: string, make: (path: string) => Promise<F>): Promise<F> {
  const building = `${folder}.building-${process.pid}-${(made += 1)}`
  const path = join(building, databaseName)
  try {
    // A process of the same number may have been killed here.
    await rm(building, { recursive: true, force: true })
    await mkdir(building)
    const facts = await make(path)
    // Nobody has it open any more: its log is empty, and its index of it says nothing.
    for (const part of ['-wal', '-shm']) await rm(`${path}${part}`, { force: true })
    const text = JSON.stringify(facts)
    const seal = { ...(await sealFile(path)), factsDigest: digestOf(text) }
    await writeFile(join(building, sealName), JSON.stringify(seal))
    await writeFile(join(building, factsName), text)
    await rename(building, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '')) throw error
      // Another process made the same meanwhile, and the two are alike; or only remains lie there, or a file.
      if ((await readFacts(folder)) !== undefined) return
      await rm(folder, { recursive: true, force: true })
      await rename(building, folder)
    })
    return facts
  } catch (error) {
    throw errorAt('', asFileError(error, building), [path, `${path}.compact`])
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}
