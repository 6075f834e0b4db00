import { readJsonLines } from '../text/json-lines.ts'
import type { Outcome, Parameters } from './trial.ts'

/** A trial that was made: kind and seed give the parameters again. */
export interface TrialRecord {
  readonly kind: string
  readonly seed: number
  readonly parameters: Parameters
  readonly outcome: Outcome
  readonly ms: number
  /** Revision of the code, Node's version and platform. */
  readonly commit: string
  readonly node: string
  readonly platform: string
}

/** The records of a file of JSON lines, of each trial the last: one that broke a promise is made again after the fix. */
export function readRecords(file: string): readonly TrialRecord[] {
  const records = readJsonLines(file) as readonly TrialRecord[]
  return [...new Map(records.map((record) => [`${record.kind} ${record.seed}`, record])).values()]
}
