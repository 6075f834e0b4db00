import { readFile } from 'node:fs/promises'
import { UsageError } from '../../core/errors.ts'
import { readStatisticsFile, type StatisticsFile } from '../../statistics/statistics-file.ts'

/** Reads a file of `pull`, or one that a push left. @throws UsageError STATISTICS_FILE */
export async function readFileOfStatistics(path: string): Promise<StatisticsFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it failed'
    throw new UsageError('STATISTICS_FILE', `${path}: cannot be read (${code}); name a file that is there`)
  })
  return readStatisticsFile(text, path)
}
