import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
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

/**
 * The records of a file of JSON lines, of each trial the last: one that broke a promise is made again after the fix. A line
 * that an interruption cut off is none.
 */
export function readRecords(file: string): readonly TrialRecord[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const records = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as TrialRecord]
    } catch {
      return []
    }
  })
  return [...new Map(records.map((record) => [`${record.kind} ${record.seed}`, record])).values()]
}

export function appendRecord(file: string, record: TrialRecord): void {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(record)}\n`)
}
