import type { LoadComparison } from '../run/load-comparison.ts'
import type { ComparedSlice, ComparisonResult, LoadPace } from './compare-round.ts'
import type { SliceStatistics } from './run-slice.ts'

type Columns = LoadComparison['slices']
type Draft = { readonly [K in keyof Columns]: Columns[K][number][] }

/** Gathers what the rounds of a comparison measured. */
export class ComparisonCollector {
  /** By load. */
  paces: readonly LoadPace[] = []
  answersCompared = 0
  servers: readonly Readonly<Record<string, string>>[] = []
  rows: LoadComparison['rows'] = []
  readonly #created: Record<string, number>[]
  readonly #byOp: boolean
  readonly #slices: Draft = {
    round: [],
    block: [],
    order: [],
    load: [],
    variant: [],
    op: [],
    requests: [],
    failed: [],
    durationNs: [],
    p50Ns: [],
    p95Ns: [],
    senderCpuShare: [],
  }

  /** `byOp`: also a row for each kind of request in a slice. */
  constructor(variants: number, byOp: boolean) {
    this.#created = Array.from({ length: variants }, () => ({}))
    this.#byOp = byOp
  }

  get slices(): Columns {
    return this.#slices
  }

  /** Rows that acknowledged creations must have added, by table. */
  createdBy(variant: number): Readonly<Record<string, number>> {
    return this.#created[variant] ?? {}
  }

  add(round: number, { slices, created }: ComparisonResult): void {
    for (const [variant, counts] of created.entries()) {
      const sum = this.#created[variant] ?? {}
      for (const [table, rows] of Object.entries(counts)) sum[table] = (sum[table] ?? 0) + rows
    }
    for (const slice of slices) {
      this.#addRow(round, slice, null, slice.all)
      if (!this.#byOp) continue
      for (const [op, statistics] of Object.entries(slice.byOp)) this.#addRow(round, slice, op, statistics)
    }
  }

  #addRow(round: number, slice: ComparedSlice, op: string | null, statistics: SliceStatistics): void {
    const columns = this.#slices
    columns.round.push(round)
    columns.block.push(slice.block)
    columns.order.push(slice.order)
    columns.load.push(slice.load)
    columns.variant.push(slice.variant)
    columns.op.push(op)
    columns.requests.push(statistics.requests)
    columns.failed.push(statistics.failed)
    columns.durationNs.push(Math.round(slice.durationNs))
    columns.p50Ns.push(statistics.p50Ns)
    columns.p95Ns.push(statistics.p95Ns)
    columns.senderCpuShare.push(slice.senderCpuShare)
  }
}
