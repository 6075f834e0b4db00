import type { Row, TimedStatement, TimedTransaction } from '../target/connection.ts'
import type { Clock } from './clock.ts'

/** Consecutive samples: how long each took in nanoseconds, and how many rows each returned or changed. */
export interface SliceSamples {
  readonly durationsNs: Float64Array
  readonly rows: Int32Array
}

type Timed<A> =
  | { readonly kind: 'sync'; readonly run: (argument: A) => number }
  | { readonly kind: 'async'; readonly run: (argument: A) => Promise<number> }

/**
 * Runs one sample after another, one per argument, and times each. One clock reading a sample: the end of one is
 * the start of the next, so nothing between them is hidden and the loop costs little.
 */
export async function timeSlice(
  timed: TimedStatement,
  args: readonly Row[],
  clock: Clock,
): Promise<SliceSamples> {
  return timeEach<Row>(timed, args, clock)
}

/** As `timeSlice`; a sample is a whole transaction over one list of argument tuples. */
export async function timeTransactions(
  timed: TimedTransaction,
  batches: readonly (readonly Row[])[],
  clock: Clock,
): Promise<SliceSamples> {
  return timeEach<readonly Row[]>(timed, batches, clock)
}

async function timeEach<A>(timed: Timed<A>, items: readonly A[], clock: Clock): Promise<SliceSamples> {
  return timed.kind === 'sync' ? timeSync(timed.run, items, clock) : timeAsync(timed.run, items, clock)
}

function timeSync<A>(run: (argument: A) => number, items: readonly A[], clock: Clock): SliceSamples {
  const durationsNs = new Float64Array(items.length)
  const rows = new Int32Array(items.length)
  let index = 0
  let startNs = clock.nowNs()
  for (const item of items) {
    rows[index] = run(item)
    const endNs = clock.nowNs()
    durationsNs[index++] = endNs - startNs
    startNs = endNs
  }
  return { durationsNs, rows }
}

async function timeAsync<A>(
  run: (argument: A) => Promise<number>,
  items: readonly A[],
  clock: Clock,
): Promise<SliceSamples> {
  const durationsNs = new Float64Array(items.length)
  const rows = new Int32Array(items.length)
  let index = 0
  let startNs = clock.nowNs()
  for (const item of items) {
    rows[index] = await run(item)
    const endNs = clock.nowNs()
    durationsNs[index++] = endNs - startNs
    startNs = endNs
  }
  return { durationsNs, rows }
}
