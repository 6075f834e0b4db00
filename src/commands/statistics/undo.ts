import { UsageError } from '../../core/errors.ts'
import { plural } from '../../core/number-format.ts'
import { outsideLine } from '../../core/outside-text.ts'
import type { PlannerDatabase } from '../../statistics/planner-database.ts'
import { replaceStatistics } from '../../statistics/replace-statistics.ts'
import type { FiledRow, StatisticsFile } from '../../statistics/statistics-file.ts'
import { readStatistics, sameRows } from '../../statistics/statistics-rows.ts'
import { print, writeJson, type JsonOption } from '../console.ts'
import { withPlannerDatabase, type DatabaseFlags } from './options.ts'
import { readFileOfStatistics } from './read-file.ts'

interface UndoFlags extends DatabaseFlags {
  readonly undo: string
  readonly dryRun?: true
  readonly json?: JsonOption
}

/** Puts back the rows that a push replaced, when they are still those that it wrote. */
export async function undo(flags: UndoFlags): Promise<void> {
  const file = await readFileOfStatistics(flags.undo)
  if (file.replacedBy === undefined) {
    throw new UsageError(
      'STATISTICS_FILE',
      `${flags.undo}: is no file that a push left for --undo; push its rows with --from ${flags.undo}`,
    )
  }
  const { replacedBy } = file
  const dryRun = flags.dryRun === true
  await withPlannerDatabase(flags, dryRun ? 'read' : 'write', async (target) => {
    const done = await putBack(target, { ...file, replacedBy }, flags)
    if (flags.json !== true) print(outsideLine(done))
    await writeJson(
      flags.json,
      JSON.stringify({ database: target.shown, message: done, rows: file.rows }, null, 2),
    )
  })
}

async function putBack(
  target: PlannerDatabase,
  { source, rows, replacedBy, hadTable }: StatisticsFile & { readonly replacedBy: readonly FiledRow[] },
  { undo: path, dryRun }: UndoFlags,
): Promise<string> {
  if (target.shown !== source) {
    throw new UsageError(
      'STATISTICS_OTHER',
      `${path}: was left by a push to ${source}, not to ${target.shown}; name that with --db, or push the rows here with --from ${path}`,
    )
  }
  const now = await readStatistics(target)
  const old = hadTable === false ? undefined : rows
  if (now === undefined ? old === undefined : old !== undefined && sameRows(now, old)) {
    return 'nothing to undo: the rows are those from before the push'
  }
  if (now === undefined || !sameRows(now, replacedBy)) {
    throw new UsageError(
      'STATISTICS_CHANGED',
      `${target.shown}: its rows were changed after the push; put the old ones back in any case with --from ${path}`,
    )
  }
  if (dryRun === true) return `dry run: ${plural(rows.length, 'row')} would be put back`
  await replaceStatistics(target, now, old)
  return `put back ${plural(rows.length, 'row')} from before the push, and read them back over a new connection`
}
