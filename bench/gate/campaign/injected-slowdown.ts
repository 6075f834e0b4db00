import type { Clock } from '../../../src/measure/clock.ts'
import { randomSequence, streamKey } from '../../../src/random/random.ts'
import { quantile, sortNumbers } from '../../../src/stats/quantile.ts'
import type { Connection, Row, TimedStatement } from '../../../src/target/connection.ts'

/** A slowdown put into one statement of the candidate, to see whether the gate finds it. */
export type InjectedSlowdown = { readonly sql: string } & (
  | { readonly kind: 'none' }
  /** Busy waiting for a share of each sample's own time, up to a limit, by a clock of its own: what that costs is part of the slowdown. */
  | { readonly kind: 'delay'; readonly share: number }
  /** The statement also counts so many rows, in the same execution. */
  | { readonly kind: 'sql'; readonly rows: number }
  /** Busy waiting for a share of the median time, in the slowest samples only: `slowest` is their share. */
  | { readonly kind: 'tail'; readonly share: number; readonly slowest: number }
  /** In some slices every sample takes `factor` times as long: `slices` is their share. */
  | { readonly kind: 'stall'; readonly factor: number; readonly slices: number }
)

/** The connection with the slowdown in its timed statements; everything else stays. */
export function withSlowdown(connection: Connection, slowdown: InjectedSlowdown, clock: Clock): Connection {
  const prepareTimed = (sql: string): TimedStatement => {
    if (sql !== slowdown.sql) return connection.prepareTimed(sql)
    if (slowdown.kind === 'sql') return connection.prepareTimed(withExtraWork(sql, slowdown.rows))
    const timed = connection.prepareTimed(sql)
    if (slowdown.kind === 'none' || timed.kind === 'async') return timed
    return { kind: 'sync', run: waiting(timed.run, slowdown, clock) }
  }
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'prepareTimed') return prepareTimed
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Nobody waits so long between two calls of a slice. */
const gapNs = 0.3e6

/** How long a sample waits, by its own time and its place in its slice. */
type Wait = (elapsedNs: number, place: number) => number

/** The statement with a slowdown that waits. Where a slice begins is seen by the gap, and looked for only if it matters. */
function waiting(
  run: (args: Row) => number,
  slowdown: Extract<InjectedSlowdown, { kind: 'delay' | 'tail' | 'stall' }>,
  clock: Clock,
): (args: Row) => number {
  if (slowdown.kind === 'delay') {
    const wait = waitOfShare(slowdown.share)
    return (args) => delayed(run, args, clock.nowNs(), wait, clock)
  }
  const wait =
    slowdown.kind === 'tail'
      ? waitOfSlowest(slowdown.share, slowdown.slowest)
      : waitOfStalls(slowdown.factor, slowdown.slices)
  let lastNs = -Infinity
  let place = 0
  return (args) => {
    const startNs = clock.nowNs()
    // Another side or operation ran meanwhile: a slice begins.
    place = startNs - lastNs > gapNs ? 0 : place + 1
    const rows = delayed(run, args, startNs, (elapsedNs) => wait(elapsedNs, place), clock)
    lastNs = clock.nowNs()
    return rows
  }
}

/** So many times the usual time is no longer the statement's own: somebody took the processor. */
const longestOwn = 4
const memory = 64

/**
 * A share of each sample's own time. A sample from which the machine took the processor waits as if it had taken four times
 * the usual: of milliseconds, the wait would last so long that the processor is taken again, and the tail grow by multiples.
 */
function waitOfShare(share: number): (elapsedNs: number) => number {
  let usualNs = Infinity
  return (elapsedNs) => {
    const ownNs = Math.min(elapsedNs, longestOwn * usualNs)
    usualNs = usualNs === Infinity ? ownNs : usualNs + (ownNs - usualNs) / memory
    return ownNs * share
  }
}

/** Every slice is tossed for, from its first sample on. */
function waitOfStalls(factor: number, slices: number): Wait {
  const random = randomSequence(streamKey(Date.now() % 2 ** 32, 'stalls'))
  let stalls = false
  return (elapsedNs, place) => {
    if (place === 0) stalls = random() < slices
    return stalls ? elapsedNs * (factor - 1) : 0
  }
}

function delayed(
  run: (args: Row) => number,
  args: Row,
  startNs: number,
  waitNs: (elapsedNs: number) => number,
  clock: Clock,
): number {
  const rows = run(args)
  const elapsedNs = clock.nowNs() - startNs
  const restNs = waitNs(elapsedNs)
  if (restNs === 0) return rows
  const endNs = startNs + elapsedNs + restNs
  while (clock.nowNs() < endNs);
  return rows
}

/** One statement that does what `sql` does, and counts `rows` rows beside it. The rows it returns stay the same. */
export function withExtraWork(sql: string, rows: number): string {
  return `SELECT * FROM (${sql}) WHERE (SELECT count(*) FROM (SELECT score FROM test_results LIMIT ${rows})) >= 0`
}

const windowSamples = 1024
const samplesPerUpdate = 128
/** As many as no slice leaves out. */
const leadInCalls = 12

/** So many slow samples more than their share may come in a row. */
const mostInARow = 3

/**
 * How long a sample waits: a share of the median of recent samples if it is one of the slowest of them, else not at all;
 * nothing is slow until a window is full. Of its own time, a sample from which the machine took the processor would wait
 * for milliseconds; and in a wild second many samples are among the slowest, of which only their share may wait: either
 * would move more than the slowest samples of a slice.
 */
function waitOfSlowest(share: number, slowest: number): Wait {
  const recent = new Float64Array(windowSamples)
  let seen = 0
  let slowFromNs = Infinity
  let medianNs = 0
  let allowed = 0
  return (elapsedNs, place) => {
    // The lead-in of a slice is slow by itself, and not measured.
    if (place < leadInCalls) return 0
    recent[seen++ % windowSamples] = elapsedNs
    if (seen >= windowSamples && seen % samplesPerUpdate === 0) {
      const sorted = sortNumbers(recent)
      slowFromNs = quantile(sorted, 1 - slowest)
      medianNs = quantile(sorted, 0.5)
    }
    allowed = Math.min(allowed + slowest, mostInARow)
    if (elapsedNs < slowFromNs || allowed < 1) return 0
    allowed--
    return share * medianNs
  }
}

/** What the side without the slowdown has in its place, so that looking for slices and the slowest samples costs both alike. */
export const inactive = (slowdown: InjectedSlowdown): InjectedSlowdown =>
  slowdown.kind === 'tail'
    ? { ...slowdown, share: 0 }
    : slowdown.kind === 'stall'
      ? { ...slowdown, factor: 1 }
      : { sql: slowdown.sql, kind: 'none' }
