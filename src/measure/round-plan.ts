import type { DriverName, Row } from '../target/connection.ts'

/** A server that a round asks; nothing is written to it. */
export interface RoundServer {
  readonly url: string
  /** Environment variable that holds its token; null without one. */
  readonly authTokenEnv: string | null
}

/** A database that a round measures: a file, or a server where there is one. */
export interface RoundVariant {
  readonly id: string
  readonly driver: DriverName
  /** Opened read-only. */
  readonly readPath: string
  /** A throw-away clone for write operations; null when this variant's writes are not measured. */
  readonly writePath: string | null
  readonly server?: RoundServer
}

/** One operation in a round. `args[v]` belongs to `variants[v]`; all of them mean the same logical rows. */
export interface RoundOperation {
  readonly id: string
  readonly kind: 'read' | 'write'
  readonly sql: string
  /** Each variant's own statement, in place of `sql`, where scenarios of two revisions are compared. */
  readonly ownSql?: readonly string[]
  /** Timed samples a slice; the same for every variant, on the same arguments. */
  readonly samplesPerSlice: number
  /**
   * Samples after which the next variant takes its turn, in the order of the block and back again; the whole slice
   * when absent. The shorter the turns, the more the variants of a block share what the machine does meanwhile.
   */
  readonly samplesPerTurn?: number
  /** Statements in one sample: 1 for a read, a transaction's length for a write. */
  readonly statementsPerSample: number
  /** Untimed samples before the first block, on the round's first arguments; writes have none. */
  readonly warmupSamples: number
  readonly args: readonly (readonly Row[])[]
  /** Indexes into `variants` that take part. */
  readonly variants: readonly number[]
  /** Blocks in this round, numbered from `firstBlock`: an operation may be there twice with other variants. */
  readonly blocks: number
  readonly firstBlock: number
}

/** What a fresh process has to do. */
export interface RoundPlan {
  readonly round: number
  readonly variants: readonly RoundVariant[]
  readonly operations: readonly RoundOperation[]
  readonly steps: readonly RoundStep[]
  /** Milliseconds of measuring after which no step begins, once every operation has had one. None when absent. */
  readonly timeLimitMs?: number
}

/** One block of one operation: a slice of every variant, back to back or in turns, in this order. */
export interface RoundStep {
  readonly block: number
  /** Index into `operations`. */
  readonly operation: number
  /** Indexes into `variants`. */
  readonly order: readonly number[]
}

export interface SliceResult {
  readonly operation: string
  readonly variant: string
  readonly block: number
  readonly order: number
  readonly durationsNs: Float64Array
  readonly rows: number
}

export interface RoundResult {
  readonly round: number
  readonly slices: readonly SliceResult[]
  readonly rssBytes: number
}

/** A random permutation (Fisher & Yates 1938). `random` is uniform in [0, 1). */
export function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  const result = [...values]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const swap = result[i] as T
    result[i] = result[j] as T
    result[j] = swap
  }
  return result
}

/**
 * The order of a round: pass after pass goes through the operations in random order, and in each block the variants run
 * back to back in random order, so that drift of the machine meets all of them alike.
 */
export function planSteps(
  operations: readonly Pick<RoundOperation, 'variants' | 'blocks' | 'firstBlock'>[],
  random: () => number,
): readonly RoundStep[] {
  const passes = Math.max(0, ...operations.map(({ blocks }) => blocks))
  return Array.from({ length: passes }, (_, pass) => {
    const due = operations.flatMap(({ blocks }, index) => (pass < blocks ? [index] : []))
    return shuffled(due, random).map((operation) => ({
      block: (operations[operation]?.firstBlock ?? 0) + pass,
      operation,
      order: shuffled(operations[operation]?.variants ?? [], random),
    }))
  }).flat()
}

/**
 * As `planSteps`, but every operation's blocks are spread over the whole round, however many it has: a block stands at a
 * random place within its share of the round. A round that is cut off has thus measured all operations alike.
 */
export function spreadSteps(
  operations: readonly Pick<RoundOperation, 'variants' | 'blocks' | 'firstBlock'>[],
  random: () => number,
): readonly RoundStep[] {
  return operations
    .flatMap(({ blocks, firstBlock, variants }, operation) =>
      Array.from({ length: blocks }, (_, block) => ({
        place: (block + random()) / blocks,
        step: { block: firstBlock + block, operation, order: shuffled(variants, random) },
      })),
    )
    .toSorted((a, b) => a.place - b.place)
    .map(({ step }) => step)
}

/**
 * The arguments of one slice, as a window that moves on with every block and wraps around: for reads over the
 * drawn tuples, for writes over tuples that are used once.
 */
export function sliceArguments(
  args: readonly Row[],
  operation: Pick<RoundOperation, 'samplesPerSlice' | 'statementsPerSample' | 'firstBlock'>,
  block: number,
): readonly Row[] {
  const length = operation.samplesPerSlice * operation.statementsPerSample
  const start = (block - operation.firstBlock) * length
  return Array.from({ length }, (_, i) => args[(start + i) % args.length] as Row)
}
