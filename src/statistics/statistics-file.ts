import { z } from 'zod'
import { UsageError } from '../core/errors.ts'
import type { TableShape } from './index-shape.ts'
import { isSame } from './assess.ts'
import type { StatisticsRow } from './statistics-rows.ts'

const row = z.strictObject({
  table: z.string(),
  index: z.string().nullable(),
  stat: z.string().nullable(),
  /** Key columns of the index where the rows were read; they tell an index of the same name apart. */
  keys: z.array(z.string()).optional(),
})

const file = z.strictObject({
  format: z.literal('forgebench-statistics'),
  version: z.literal(1),
  /** Path or URL of the database. */
  source: z.string(),
  /** UTC. */
  takenAt: z.string(),
  /** SQLite's version, whose ANALYZE or planner it was. */
  sqlite: z.string(),
  /** The server's own words; null for a file. */
  server: z.string().nullable(),
  rows: z.array(row),
  /** Of an undo file: what a push wrote in place of `rows`, and whether there was a table before. */
  replacedBy: z.array(row).optional(),
  hadTable: z.boolean().optional(),
})

/** Statistics of a database on a file of their own; what a push replaced is kept as one. */
export type StatisticsFile = z.infer<typeof file>
export type FiledRow = z.infer<typeof row>

/** Rows with the keys of their indexes. */
export const filedRows = (
  rows: readonly StatisticsRow[],
  tables: readonly TableShape[],
): readonly FiledRow[] =>
  rows.map((each) => {
    const owner = tables.find(({ name }) => isSame(name, each.table))
    const shape = owner?.indexes.find(({ name }) => each.index !== null && isSame(name, each.index))
    return shape === undefined ? each : { ...each, keys: shape.keys.map(({ label }) => label) }
  })

export const statisticsFileText = (statistics: StatisticsFile): string =>
  `${JSON.stringify(statistics, null, 2)}\n`

/**
 * Reads the text of a statistics file.
 * @param shown its path, for messages
 * @throws UsageError STATISTICS_FILE
 */
export function readStatisticsFile(text: string, shown: string): StatisticsFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError(
      'STATISTICS_FILE',
      `${shown}: is no JSON; name a file made by forgebench statistics pull --out`,
    )
  }
  const parsed = file.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UsageError(
    'STATISTICS_FILE',
    `${shown}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is not valid'}; name a file made by forgebench statistics pull --out`,
  )
}
