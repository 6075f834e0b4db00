import { appendFile, mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../core/errors.ts'
import type { GateWord } from '../run/gate-verdict.ts'
import type { GateRound } from '../run/gate-run.ts'
import type { Cell } from './cells.ts'

/** The pairs of one operation, as columns; durations of both sides in tens of nanoseconds. */
export interface PairColumns {
  readonly samplesPerPair: number
  readonly round: readonly number[]
  readonly p95: readonly [baseline: readonly number[], candidate: readonly number[]]
  readonly p50: readonly [baseline: readonly number[], candidate: readonly number[]]
  readonly mean: readonly [baseline: readonly number[], candidate: readonly number[]]
}

/** What one gate of the campaign gave: one line of a file. */
export interface GateRecord extends Cell {
  readonly kind: 'gate'
  readonly shard: string
  readonly startedAt: string
  /** Of what is measured and how; records of other settings do not belong together. */
  readonly settings: string
  /** The machine, in a few words. */
  readonly machine: string
  /** From the start of the command to its verdict. */
  readonly seconds: number
  /** `error` when there was no verdict; then `error` says why. */
  readonly word: GateWord | 'error'
  readonly error: string | null
  /** The plant's size: share of delay, or rows counted; null without one. */
  readonly size: number | null
  readonly operations: readonly {
    readonly id: string
    readonly word: GateWord
    readonly rounds: number
    readonly estimate: number | null
    readonly low: number | null
    readonly high: number | null
  }[]
  readonly rounds: readonly GateRound[]
  readonly pairs: Readonly<Record<string, PairColumns>>
}

/** One run of rounds that tells how large a plant must be: all operations have it. */
export interface CalibrationRecord {
  readonly kind: 'calibration'
  readonly shard: string
  readonly settings: string
  readonly startedAt: string
  readonly condition: Cell['condition']
  readonly plant: 'delay' | 'sql'
  /** The plant's size and what it did to the 95th percentile, with the 95 % interval over rounds. */
  readonly operations: readonly {
    readonly id: string
    readonly size: number
    readonly ratio: number
    readonly low: number
    readonly high: number
    readonly rounds: number
  }[]
}

export type CampaignRecord = GateRecord | CalibrationRecord

const fileOf = (folder: string, shard: string): string => join(folder, `${shard.replace('/', '-of-')}.jsonl`)

/** Every record of a campaign's folder, of all shards. A last line that a crash cut off is left out. */
export async function readRecords(folder: string): Promise<readonly CampaignRecord[]> {
  const names = await readdir(folder).catch(() => [])
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.jsonl')).map((name) => readFile(join(folder, name), 'utf8')),
  )
  return texts.flatMap((text) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as CampaignRecord),
  )
}

/** Appends one record to its shard's file. */
export async function appendRecord(folder: string, record: CampaignRecord): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await appendFile(fileOf(folder, record.shard), `${JSON.stringify(record)}\n`, { flush: true })
  } catch (error) {
    throw new UsageError('CAMPAIGN_UNWRITABLE', `${folder}: cannot be written; name another --folder`, {
      cause: error,
    })
  }
}
