import type { GateStatus } from '../../../src/run/gate/gate-verdict.ts'
import type { GateRound } from '../../../src/run/gate/gate-run.ts'
import type { RoundEvidence } from '../../../src/stats/round-evidence.ts'
import type { Condition, SlowdownKind } from './cells.ts'

/** What the rounds of one operation say. */
export interface RecordedRounds {
  /** All that a gate decides by. */
  readonly evidence: readonly RoundEvidence[]
  /** ln(candidate / baseline) of other quantities, round by round like `evidence`. */
  readonly effects: Readonly<Record<Exclude<EffectQuantity, 'p95'>, readonly (number | null)[]>>
}

export type EffectQuantity = 'p95' | 'p50' | 'mean'

/** Baseline and candidate, slice by slice. */
export type BothSides = readonly [baseline: readonly number[], candidate: readonly number[]]

/** The slices of one operation, as columns; durations of both sides in tens of nanoseconds. For rules of others. */
export interface SliceColumns {
  readonly round: readonly number[]
  readonly p95: BothSides
  readonly mean: BothSides
}

/** What one gate of the campaign gave: one line of a file. */
export interface GateRecord {
  readonly kind: 'gate'
  readonly index: number
  readonly condition: Condition
  readonly slowdown: SlowdownKind
  /** The operation that was made slower; null where nothing was. */
  readonly operation: string | null
  readonly orderSeed: number
  readonly startedAt: string
  /** Of what is measured and how; records of other settings do not belong together. */
  readonly settings: string
  /** The revision of the measured code, where it was known. */
  readonly commit?: string
  /** The machine, in a few words. */
  readonly machine: string
  /** From the start of staging to the verdict; the seeded databases are there already, but for a campaign's first gate. */
  readonly seconds: number
  /** `error` when there was no verdict. */
  readonly status: GateStatus | 'error'
  readonly operations: readonly { readonly id: string; readonly status: GateStatus }[]
  readonly rounds: readonly GateRound[]
  readonly evidence: Readonly<Record<string, RecordedRounds>>
  /** Of equal sides alone; packed records of others have none. */
  readonly slices: Readonly<Record<string, SliceColumns>>
}

/** One run of rounds that tells how large a slowdown must be: all operations have it. */
export interface CalibrationRecord {
  readonly kind: 'calibration'
  readonly settings: string
  readonly commit?: string
  readonly startedAt: string
  readonly condition: Condition
  readonly slowdown: 'delay' | 'sql'
  /** The slowdown's size and what it did to the 95th percentile, with the 95 % interval over rounds. */
  readonly operations: readonly {
    readonly id: string
    readonly size: number
    readonly ratio: number
    readonly low: number
    readonly high: number
  }[]
}

export type CampaignRecord = GateRecord | CalibrationRecord
