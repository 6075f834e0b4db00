import { sumCounts } from '../../core/sum-counts.ts'
import type { ComparisonSlice, LoadComparison } from '../../run/load/load-comparison.ts'
import { encodeSamples } from '../../stats/encoded-samples.ts'
import type { ComparedSlice, ComparisonResult, PacedLoad } from './compare-round.ts'
import type { RunningVariant } from './compared-servers.ts'
import type { SliceStatistics } from './run-slice.ts'

/** Gathers what the rounds of a comparison measured. */
export class ComparisonCollector {
  /** With the paces that the pilot found; none before it. */
  loads: readonly PacedLoad[] = []
  answersCompared = 0
  /** What the server of each variant says of itself, by id of the variant. */
  servers: Readonly<Record<string, RunningVariant['facts']>> = {}
  rows: LoadComparison['rows'] = []
  /** By id of the variant, by table. */
  readonly #created: Record<string, Readonly<Record<string, number>>> = {}
  readonly #byOp: boolean
  readonly #slices: ComparisonSlice[] = []

  /** `byOp`: also one for each kind of request in a slice. */
  constructor(byOp: boolean) {
    this.#byOp = byOp
  }

  get slices(): readonly ComparisonSlice[] {
    return this.#slices
  }

  /** Rows that acknowledged creations must have added, by table. */
  createdBy(variant: string): Readonly<Record<string, number>> {
    return this.#created[variant] ?? {}
  }

  add(round: number, { loads, slices, created }: ComparisonResult): void {
    this.loads = loads
    for (const [variant, counts] of Object.entries(created)) {
      this.#created[variant] = sumCounts([this.#created[variant] ?? {}, counts])
    }
    for (const slice of slices) {
      this.#addSlice(round, slice, null, slice.all)
      if (!this.#byOp) continue
      for (const [op, statistics] of Object.entries(slice.byOp)) this.#addSlice(round, slice, op, statistics)
    }
  }

  #addSlice(
    round: number,
    { block, order, load, variant, durationNs, senderCpuShare }: ComparedSlice,
    op: string | null,
    { requests, failed, latenciesNs }: SliceStatistics,
  ): void {
    this.#slices.push({
      round,
      block,
      order,
      load,
      variant,
      op,
      requests,
      failed,
      durationNs: Math.round(durationNs),
      senderCpuShare,
      samplesNs: encodeSamples(latenciesNs),
    })
  }
}
