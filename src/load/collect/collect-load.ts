import { readFile } from 'node:fs/promises'
import { decodeText } from '../../core/decode-text.ts'
import { UsageError } from '../../core/errors.ts'
import { isLoadRun } from '../../run/any-run.ts'
import { machineStamp } from '../../run/environment.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { parseRun } from '../../run/read.ts'
import { runHeader } from '../../run/run-header.ts'
import { checkParts } from './check-parts.ts'
import { partOfRun, type LoadPart } from './load-part.ts'
import { mergeParts, mergeSettings } from './merge-parts.ts'
import { partOfSummary } from './part-of-summary.ts'
import { hasSummaryLines, parseSummary, summariesInLog } from './read-summaries.ts'

/**
 * Merges the parts of one load into one Run: summaries of k6 (`SUMMARY=file.json`), logs of pods that print them
 * (`SUMMARY=stdout`), and Runs of `forgebench load` on several machines. `version` is this forgebench's.
 * @throws UsageError for files that cannot be read, are cut off, or are of different loads; InvalidMeasurementError when
 * parts are missing or did not run together
 */
export async function collectLoad(paths: readonly string[], version: string): Promise<LoadRun> {
  const [first, ...others] = (await Promise.all(paths.map(readParts))).flat()
  if (first === undefined) {
    throw new UsageError(
      'COLLECT_NOTHING',
      'nothing to collect; name summaries or logs of pods, or run.json files',
    )
  }
  const parts: readonly [LoadPart, ...LoadPart[]] = [first, ...others]
  checkParts(parts)
  const run = parts.flatMap((part) => part.run ?? [])[0]
  const measurement = mergeParts(parts)
  const isOneRun = parts.length === 1 && run !== undefined
  return {
    ...runHeader({
      startedAt: new Date(Math.min(...parts.map(({ startedAtMs }) => startedAtMs))),
      finishedAt: new Date(Math.max(...parts.map(({ finishedAtMs }) => finishedAtMs))),
      status: measurement.interrupted ? 'partial' : 'complete',
      version,
    }),
    kind: 'load',
    environment: isOneRun ? run.environment : mergingMachine(),
    target: run?.target ?? { url: first.url, server: {} },
    profile: run?.profile ?? first.profile,
    settings: mergeSettings(parts),
    floor: isOneRun ? run.floor : null,
    measurement,
    // Every part saw the requests of the others arrive, too.
    reconciliation: isOneRun ? run.reconciliation : { received: null, rows: [] },
    thresholds: first.thresholds,
  }
}

/** This machine, which merges; how busy it is says nothing of those that sent. */
const mergingMachine = (): LoadRun['environment'] => ({
  ...machineStamp(),
  loadAverage: [],
  openFilesLimit: null,
  portRange: null,
})

async function readParts(path: string): Promise<readonly LoadPart[]> {
  const text = await readFile(path).then(decodeText, (error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.code
    throw new UsageError('COLLECT_UNREADABLE', `${path}: cannot be read (${why})`, { cause: error })
  })
  if (hasSummaryLines(text)) return summariesInLog(text, path).map((summary) => partOfSummary(summary, path))
  if (/^\s*\{\s*"format"\s*:\s*"forgebench-k6-summary"/.test(text)) {
    return [partOfSummary(parseSummary(text, path), path)]
  }
  if (!text.trimStart().startsWith('{')) {
    throw new UsageError(
      'COLLECT_NO_SUMMARY',
      `${path}: holds no summary; pods print one with SUMMARY=stdout, and kubectl logs needs --tail=-1 to show all of it`,
    )
  }
  const run = parseRun(text, path)
  if (!isLoadRun(run)) {
    throw new UsageError(
      'COLLECT_NO_LOAD',
      `${path}: a Run of scenarios, not of a load; name Runs of forgebench load`,
    )
  }
  return [partOfRun(run, path)]
}
