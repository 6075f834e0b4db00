import type { Clock } from '../measure/clock.ts'
import { quantile, sortNumbers } from '../measure/quantile.ts'
import type { Connection, Row, TimedStatement } from '../target/connection.ts'

/** A slowdown put into one statement of the candidate, to see whether the gate finds it. */
export type Plant = { readonly sql: string } & (
  | { readonly kind: 'none' }
  /** Busy waiting for a share of each sample's own time, by a clock of its own: what that costs is part of the plant. */
  | { readonly kind: 'delay'; readonly share: number }
  /** The statement also counts so many rows, in the same execution. */
  | { readonly kind: 'sql'; readonly rows: number }
  /** As `delay`, for the slowest samples only: `slowest` is their share. */
  | { readonly kind: 'tail'; readonly share: number; readonly slowest: number }
)

/** The connection with the plant in its timed statements; everything else stays. */
export function planted(connection: Connection, plant: Plant, clock: Clock): Connection {
  const prepareTimed = (sql: string): TimedStatement => {
    if (sql !== plant.sql) return connection.prepareTimed(sql)
    if (plant.kind === 'sql') return connection.prepareTimed(withExtraWork(sql, plant.rows))
    const timed = connection.prepareTimed(sql)
    if (plant.kind === 'none' || timed.kind === 'async') return timed
    const isSlow = plant.kind === 'tail' ? slowestShare(plant.slowest) : () => true
    return { kind: 'sync', run: (args) => delayed(timed.run, args, plant.share, isSlow, clock) }
  }
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'prepareTimed') return prepareTimed
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

function delayed(
  run: (args: Row) => number,
  args: Row,
  share: number,
  isSlow: (elapsedNs: number) => boolean,
  clock: Clock,
): number {
  const startNs = clock.nowNs()
  const rows = run(args)
  const elapsedNs = clock.nowNs() - startNs
  if (!isSlow(elapsedNs)) return rows
  const endNs = startNs + elapsedNs * (1 + share)
  while (clock.nowNs() < endNs);
  return rows
}

/** One statement that does what `sql` does, and counts `rows` rows beside it. The rows it returns stay the same. */
export function withExtraWork(sql: string, rows: number): string {
  return `SELECT * FROM (${sql}) WHERE (SELECT count(*) FROM (SELECT score FROM test_results LIMIT ${rows})) >= 0`
}

const windowSamples = 1024
const samplesPerUpdate = 128

/** Tells the slowest share of recent samples from the others; nothing is slow until a window is full. */
function slowestShare(share: number): (elapsedNs: number) => boolean {
  const recent = new Float64Array(windowSamples)
  let seen = 0
  let thresholdNs = Infinity
  return (elapsedNs) => {
    recent[seen++ % windowSamples] = elapsedNs
    if (seen >= windowSamples && seen % samplesPerUpdate === 0) {
      thresholdNs = quantile(sortNumbers(recent), 1 - share)
    }
    return elapsedNs >= thresholdNs
  }
}
