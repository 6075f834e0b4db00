import type { Command } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { plural } from '../../core/number-format.ts'
import { outsideLine } from '../../core/outside-text.ts'
import { refuseClosedFile, writeReportFile } from '../../run/files/out-file.ts'
import { readTableShapes } from '../../statistics/index-shape.ts'
import type { PlannerDatabase } from '../../statistics/planner-database.ts'
import { filedRows, statisticsFileText, type StatisticsFile } from '../../statistics/statistics-file.ts'
import { readStatistics } from '../../statistics/statistics-rows.ts'
import { print } from '../console.ts'
import { databaseCommand, withPlannerDatabase, type DatabaseFlags } from './options.ts'

interface PullFlags extends DatabaseFlags {
  readonly out: string
}

/** `forgebench statistics pull`. */
export const pullCommand = (): Command =>
  databaseCommand(
    'pull',
    'keep the statistics of a database in a file',
    'Writes the rows of sqlite_stat1 to a file, with their date, source and engine. It reads these rows alone.',
  )
    .requiredOption('--out <file>', 'where they go, such as stats.json')
    .addHelpText(
      'after',
      '\nExample:\n  $ forgebench statistics pull --db http://127.0.0.1:8080 --out stats.json',
    )
    .action(async (flags: PullFlags) => {
      await refuseClosedFile(flags.out)
      const statistics = await withPlannerDatabase(flags, 'read', pull)
      await writeReportFile(flags.out, statisticsFileText(statistics))
      print(outsideLine(`${flags.out}: ${plural(statistics.rows.length, 'row')} of ${statistics.source}`))
    })

async function pull(database: PlannerDatabase): Promise<StatisticsFile> {
  const rows = await readStatistics(database)
  if (rows === undefined || rows.length === 0) {
    throw new UsageError(
      'STATISTICS_NONE',
      `${database.shown}: has no statistics to pull (${rows === undefined ? 'no sqlite_stat1' : 'sqlite_stat1 is empty'}); make them with forgebench statistics push --analyze`,
    )
  }
  return {
    format: 'forgebench-statistics',
    version: 1,
    source: database.shown,
    takenAt: new Date().toISOString(),
    sqlite: String((await database.query('SELECT sqlite_version()')).rows[0]?.[0]),
    server: (await database.serverVersion()) ?? null,
    rows: [...filedRows(rows, await readTableShapes(database))],
  }
}
