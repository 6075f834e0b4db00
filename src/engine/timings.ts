import { InvalidMeasurementError } from '../core/errors.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { quantile, sortNumbers } from '../stats/quantile.ts'
import type { RoundResult, SliceResult } from '../measure/round-plan.ts'
import type { Slices, Timing } from '../run/run.ts'
import type { DriverName } from '../target/connection.ts'

type SliceColumns = { -readonly [K in keyof Slices]: number[] }

interface Series {
  readonly operation: string
  readonly variant: string
  readonly histogram: LatencyHistogram
  readonly slices: SliceColumns
}

const noSlices = (): SliceColumns => ({
  round: [],
  block: [],
  order: [],
  samples: [],
  sumNs: [],
  p50Ns: [],
  p95Ns: [],
  p99Ns: [],
})

/** Gathers the slices of round after round, by operation and variant. */
export class TimingCollector {
  readonly #series = new Map<string, Series>()
  readonly #rowsChanged = new Map<string, number>()

  /**
   * Takes in a round.
   * @throws InvalidMeasurementError when variants gave different numbers of rows for the same arguments
   */
  add(result: RoundResult): void {
    refuseUnequalRows(result)
    for (const slice of result.slices) this.#addSlice(result.round, slice)
  }

  /** Takes in a round whose times do not count, but whose writes do. */
  addUntimed(result: RoundResult): void {
    refuseUnequalRows(result)
    for (const { operation, variant, rows } of result.slices) this.#addRows(operation, variant, rows)
  }

  #addRows(operation: string, variant: string, rows: number): void {
    const key = JSON.stringify([operation, variant])
    this.#rowsChanged.set(key, this.rows(operation, variant) + rows)
  }

  #addSlice(round: number, slice: SliceResult): void {
    const key = JSON.stringify([slice.operation, slice.variant])
    const series = this.#series.get(key) ?? {
      operation: slice.operation,
      variant: slice.variant,
      histogram: new LatencyHistogram(),
      slices: noSlices(),
    }
    this.#series.set(key, series)
    this.#addRows(slice.operation, slice.variant, slice.rows)
    for (const ns of slice.durationsNs) series.histogram.record(ns)
    const sorted = sortNumbers(slice.durationsNs)
    const { slices } = series
    slices.round.push(round)
    slices.block.push(slice.block)
    slices.order.push(slice.order)
    slices.samples.push(sorted.length)
    slices.sumNs.push(Math.round(sorted.reduce((sum, ns) => sum + ns, 0)))
    slices.p50Ns.push(Math.round(quantile(sorted, 0.5)))
    slices.p95Ns.push(Math.round(quantile(sorted, 0.95)))
    slices.p99Ns.push(Math.round(quantile(sorted, 0.99)))
  }

  /** Rows that the timed samples returned or changed. */
  rows(operation: string, variant: string): number {
    return this.#rowsChanged.get(JSON.stringify([operation, variant])) ?? 0
  }

  /** Everything gathered so far, in the form of a Run. */
  timings(driverOf: (variant: string) => DriverName): readonly Timing[] {
    return [...this.#series.values()].map(({ operation, variant, histogram, slices }) => ({
      operation,
      variant,
      driver: driverOf(variant),
      histogram: histogram.toBase64(),
      slices,
    }))
  }
}

/** The timed pass is checked too: a variant that is fast because it returns nothing must not pass. */
function refuseUnequalRows(result: RoundResult): void {
  const seen = new Map<string, SliceResult>()
  for (const slice of result.slices) {
    const key = JSON.stringify([slice.operation, slice.block])
    const first = seen.get(key) ?? slice
    seen.set(key, first)
    if (first.rows !== slice.rows) {
      throw new InvalidMeasurementError(
        'ROWS_DIFFER',
        `${slice.operation}: ${first.variant} gave ${first.rows} rows and ${slice.variant} ${slice.rows} for the same arguments while being timed; nothing of this run can be believed`,
      )
    }
  }
}
