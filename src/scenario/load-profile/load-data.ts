import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { UsageError } from '../../core/errors.ts'
import type { LoadData, LoadProfile } from './load-profile.ts'
import { rowsOf } from './rows.ts'

const row = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
const dataShape = z.record(z.string(), z.array(row))

/** How the rows of a profile are drawn, for messages. */
const fix = 'draw its rows with: forgebench load draw-data --db file:bench.db --profile'

/**
 * Reads the rows of a profile, JSON or CSV, and checks that every table that the profile declares has rows with its columns.
 * @throws UsageError DATA_NOT_FOUND, DATA_UNREADABLE, DATA_NOT_JSON or DATA_INVALID
 */
export async function readLoadData(
  path: string,
  profile: LoadProfile,
  profilePath: string,
): Promise<LoadData> {
  const invalid = (code: string, what: string): UsageError =>
    new UsageError(code, `${path}: ${what}; ${fix} ${profilePath}`)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? invalid('DATA_NOT_FOUND', 'no such file with the rows of the profile')
      : new UsageError('DATA_UNREADABLE', `${path}: cannot be read (${error.code})`)
  })
  const checked = dataShape.safeParse(parsed(text))
  if (!checked.success) {
    const where = checked.error.issues[0]?.path.join('.') ?? ''
    throw invalid('DATA_INVALID', `not the rows of a load profile, by table${where && ` (at ${where})`}`)
  }
  const data = checked.data
  for (const [name, { columns }] of Object.entries(profile.data?.tables ?? {})) {
    const rows = data[name]
    if (rows === undefined || rows.length === 0) {
      throw invalid('DATA_INVALID', `has no rows of ${name}, which the profile draws from`)
    }
    const missing = columns.find((column) => rows.some((each) => each[column] === undefined))
    if (missing !== undefined) throw invalid('DATA_INVALID', `a row of ${name} has no ${missing}`)
  }
  return data

  function parsed(content: string): unknown {
    try {
      return rowsOf(content, profile)
    } catch (error) {
      const isJson = /^\ufeff?\s*([[{]|$)/.test(content)
      throw invalid('DATA_NOT_JSON', isJson || !(error instanceof Error) ? 'is not JSON' : error.message)
    }
  }
}
