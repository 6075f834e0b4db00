import type { GateWord } from '../run/gate-verdict.ts'
import type { GateRound } from '../run/gate-run.ts'
import type { Cell, RecordedPlant } from './cells.ts'

/** Baseline and candidate, pair by pair. */
export type BothSides = readonly [baseline: readonly number[], candidate: readonly number[]]

/** The pairs of one operation, as columns; durations of both sides in tens of nanoseconds. */
export interface PairColumns {
  /** Samples of each side in a pair; later rounds may have a few more or less. */
  readonly samplesPerPair: number
  readonly round: readonly number[]
  readonly p95: BothSides
  /** Packed records have it for plants in the tail alone. */
  readonly p50?: BothSides
  readonly mean: BothSides
}

export type PairQuantity = 'p95' | 'p50' | 'mean'

/** What one gate of the campaign gave: one line of a file. */
export interface GateRecord extends Omit<Cell, 'plant'> {
  readonly plant: RecordedPlant
  readonly kind: 'gate'
  readonly shard: string
  readonly startedAt: string
  /** Of what is measured and how; records of other settings do not belong together. */
  readonly settings: string
  /** The revision of the measured code, where it was known. */
  readonly commit?: string
  /** The machine, in a few words. */
  readonly machine: string
  /** From the start of staging to the verdict; the seeded databases are there already, but for a campaign's first gate. */
  readonly seconds: number
  /** `error` when there was no verdict; then `error` says why. */
  readonly word: GateWord | 'error'
  readonly error: string | null
  /** The plant's size: share of the time waited for, or rows counted; null without one. */
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
  readonly commit?: string
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
