import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorText } from '../core/error-text.ts'
import { UsageError } from '../core/errors.ts'

/** A package that is there only where somebody installed it. */
export interface OptionalPackage {
  readonly version: string
  /** Loads it. @throws UsageError DRIVER_MISSING where it does not run here */
  load(): Promise<unknown>
}

/**
 * Finds a package in the user's project, else beside forgebench or in NODE_PATH.
 * @param install what to install, such as `better-sqlite3@12`
 * @throws UsageError DRIVER_MISSING where it is not there
 */
export function findOptionalPackage(name: string, install: string): OptionalPackage {
  const entry = entryOf(name)
  if (entry === undefined) throw missing(`the driver ${name} is not installed`, install)
  const root = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length)
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: unknown }
  return {
    version: String(version),
    load: async () => {
      try {
        return await import(pathToFileURL(entry).href)
      } catch (error) {
        throw missing(`${name} ${String(version)} does not load: ${errorText(error)}`, install, error)
      }
    },
  }
}

function entryOf(name: string): string | undefined {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from).resolve(name)
    } catch {
      // The next place.
    }
  }
  return undefined
}

/** The error of a driver that cannot be had here. */
export const missing = (why: string, install: string, cause?: unknown): UsageError =>
  new UsageError('DRIVER_MISSING', `${why}; npm i ${install}`, { cause })
