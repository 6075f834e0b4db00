import { shuffled } from '../random/random.ts'
import type { Row } from '../target/connection.ts'
import type { DriverName } from '../target/drivers.ts'

/** A server that a round asks; nothing is written to it. */
export interface RoundServer {
  readonly url: string
  /** Environment variable that holds its token; null without one. */
  readonly authTokenEnv: string | null
}

/** A database that a round measures: a file, or a server. */
export type RoundVariant = { readonly id: string; readonly driver: DriverName } & (
  | {
      /** Opened read-only. */
      readonly readPath: string
      /** A throw-away clone for write operations; null when none are measured on this variant. */
      readonly writePath: string | null
    }
  | { readonly server: RoundServer }
)

/** How one variant takes part in an operation. Each has its own numbers: a slow variant takes nothing from a fast one. */
export interface RoundSide {
  /** Id of one of the plan's `variants`. */
  readonly variant: string
  /** This variant's own statement, in place of the operation's, where scenarios of two revisions are compared. */
  readonly ownSql?: string
  /** Tuples to walk through, around; the same index means the same logical rows for every variant. */
  readonly args: readonly Row[]
  /** Slices in this round, spread evenly over the operation's blocks. */
  readonly blocks: number
  /** Timed samples a slice. */
  readonly samplesPerSlice: number
  /** Calls before them that do not count: what another variant left in the caches makes them slow. */
  readonly leadInSamples: number
  /** Untimed samples before the first block; writes have none. */
  readonly warmupSamples: number
}

/** One operation in a round. */
export interface RoundOperation {
  readonly id: string
  readonly kind: 'read' | 'write'
  readonly sql: string
  /** Statements in one sample: 1 for a read, a transaction's length for a write. */
  readonly statementsPerSample: number
  /** The variants that take part. */
  readonly sides: readonly RoundSide[]
  readonly blocks: number
}

/** What a fresh process has to do. */
export interface RoundPlan {
  readonly round: number
  readonly variants: readonly RoundVariant[]
  readonly operations: readonly RoundOperation[]
  readonly steps: readonly RoundStep[]
  /** Milliseconds of measuring after which no step begins, once every variant of every operation has had one. None when absent. */
  readonly timeLimitMs?: number
}

/** One block of one operation: a slice of every variant, back to back in this order. */
export interface RoundStep {
  readonly block: number
  /** Index into `operations`. */
  readonly operation: number
  /** Indexes into the operation's `sides`. */
  readonly order: readonly number[]
}

export interface SliceResult {
  readonly operation: string
  readonly variant: string
  readonly block: number
  readonly order: number
  /** The first call after another variant or operation ran; null where there was no lead-in. */
  readonly firstNs: number | null
  /** Without the lead-in. */
  readonly durationsNs: Float64Array
  /** Rows that the slice returned or changed, lead-in included. */
  readonly rows: number
}

/** Variants that gave different numbers of rows for the same arguments while being timed. */
export interface RowMismatch {
  readonly operation: string
  readonly variant: string
  readonly rows: number
  readonly other: string
  readonly otherRows: number
}

export interface RoundResult {
  readonly round: number
  readonly slices: readonly SliceResult[]
  /** The first disagreement about rows; null when there was none. */
  readonly mismatch: RowMismatch | null
  readonly rssBytes: number
}

/**
 * The order of a round. Every operation's blocks are spread over the whole round, however many it has: a block stands at a
 * random place within its share of the round, so that drift of the machine meets all operations alike, and a round that is
 * cut off has measured all of them alike. In a block the variants run back to back in random order.
 */
export function planSteps(
  operations: readonly (Pick<RoundOperation, 'blocks'> & {
    readonly sides: readonly Pick<RoundSide, 'blocks'>[]
  })[],
  random: () => number,
): readonly RoundStep[] {
  return operations
    .flatMap(({ blocks, sides }, operation) =>
      Array.from({ length: blocks }, (_, block) => {
        const taking = [...sides.entries()].flatMap(([side, own]) =>
          takesPart(block, blocks, own.blocks) ? [side] : [],
        )
        return {
          place: (block + random()) / blocks,
          step: { block, operation, order: shuffled(taking, random) },
        }
      }),
    )
    .toSorted((a, b) => a.place - b.place)
    .map(({ step }) => step)
}

/** Whether a side with so many slices has one in this block: they lie evenly over the blocks. */
const takesPart = (block: number, blocks: number, slices: number): boolean =>
  Math.floor(((block + 1) * slices) / blocks) > Math.floor((block * slices) / blocks)
