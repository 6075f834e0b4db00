import type { LoadMeasurement, LoadRun } from '../../run/load/load-run.ts'

/** One process's or machine's share of a load, whatever file it comes from. */
export interface LoadPart {
  /** The file, as messages name it. */
  readonly name: string
  /** Id of the run that it was, so that no file is counted twice. */
  readonly id: string
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly url: string
  readonly profile: LoadRun['profile']
  readonly settings: LoadRun['settings']
  readonly thresholds: LoadRun['thresholds']
  readonly measurement: LoadMeasurement
  /** The run that it was; null for a summary of a pod. */
  readonly run: LoadRun | null
}

/** A Run of `forgebench load` as a part of one. */
export function partOfRun(run: LoadRun, name: string): LoadPart {
  const { id, startedAt, finishedAt, target, profile, settings, thresholds, measurement } = run
  return {
    name,
    id,
    startedAtMs: Date.parse(startedAt),
    finishedAtMs: Date.parse(finishedAt),
    url: target.url,
    profile,
    settings,
    thresholds,
    measurement,
    run,
  }
}
