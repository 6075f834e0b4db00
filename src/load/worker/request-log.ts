import { LatencyHistogram } from '../../stats/latency-histogram.ts'
import type { LedgerEntry, LoadSlice } from '../../run/load-run.ts'
import { mergeSlices } from './merge-measurements.ts'

/** What became of one planned request. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly asExpected: boolean }
  | { readonly kind: 'refused' | 'timedOut' | 'closed' | 'broken' | 'abandoned' | 'neverSent' }

type LedgerDraft = { -readonly [K in Exclude<keyof LedgerEntry, 'answered'>]: LedgerEntry[K] } & {
  readonly answered: Record<string, number>
}

interface Histograms {
  readonly service: LatencyHistogram
  readonly response: LatencyHistogram | undefined
}

interface SliceDraft extends Histograms {
  readonly second: number
  readonly op: string
  requests: number
  failed: number
  failures: Histograms | undefined
}

export interface Settled {
  readonly op: string
  readonly outcome: Outcome
  /** Whole seconds since the load began. */
  readonly second: number
  /** From sending to the end; ignored for what was never sent or abandoned. */
  readonly serviceNs: number
  /** From the intended start to the end; null where the tool knows none. */
  readonly responseNs: number | null
}

/** So long answers to a second's requests are waited for; later ones make a slice of their own until the end. */
const openSeconds = 8

/** Accounts for every request of one sender: a ledger by kind, and a second's latencies by kind. */
export class RequestLog {
  readonly #ledger = new Map<string, LedgerDraft>()
  readonly #slices = new Map<string, SliceDraft>()
  /** Encoded, which takes a hundredth of the memory; a long load has thousands. */
  readonly #sealed: LoadSlice[] = []
  #newestSecond = 0
  readonly #warmUpSeconds: number

  /** Seconds below `warmUpSeconds` are marked as warm-up. */
  constructor(warmUpSeconds: number) {
    this.#warmUpSeconds = warmUpSeconds
  }

  settle({ op, outcome, second, serviceNs, responseNs }: Settled): void {
    const entry = this.#entry(op)
    entry.planned += 1
    if (outcome.kind === 'neverSent') {
      entry.neverSent += 1
      return
    }
    entry.sent += 1
    if (outcome.kind === 'answered') {
      const status = String(outcome.status)
      entry.answered[status] = (entry.answered[status] ?? 0) + 1
    } else {
      entry[outcome.kind] += 1
      if (outcome.kind === 'abandoned') return
    }
    const slice = this.#slice(op, second, responseNs !== null)
    slice.requests += 1
    record(slice, serviceNs, responseNs)
    if (outcome.kind === 'answered' && outcome.asExpected) return
    slice.failed += 1
    slice.failures ??= newHistograms(responseNs !== null)
    record(slice.failures, serviceNs, responseNs)
  }

  ledger(): readonly LedgerEntry[] {
    return [...this.#ledger.values()]
  }

  slices(): readonly LoadSlice[] {
    return mergeSlices([this.#sealed, [...this.#slices.values()].map((draft) => this.#encode(draft))])
  }

  #encode({ second, op, requests, failed, failures, ...histograms }: SliceDraft): LoadSlice {
    return {
      second,
      op,
      phase: second < this.#warmUpSeconds ? 'warm-up' : 'measured',
      requests,
      failed,
      ...encoded(histograms),
      ...(failures === undefined ? {} : { failures: encoded(failures) }),
    }
  }

  #sealBefore(second: number): void {
    for (const [key, draft] of this.#slices) {
      if (draft.second >= second) continue
      this.#slices.delete(key)
      this.#sealed.push(this.#encode(draft))
    }
  }

  #entry(op: string): LedgerDraft {
    let entry = this.#ledger.get(op)
    if (entry === undefined) {
      const none = { planned: 0, sent: 0, neverSent: 0, refused: 0, timedOut: 0, closed: 0, broken: 0 }
      entry = { op, ...none, abandoned: 0, answered: {} }
      this.#ledger.set(op, entry)
    }
    return entry
  }

  #slice(op: string, second: number, hasResponse: boolean): SliceDraft {
    const key = `${second} ${op}`
    let slice = this.#slices.get(key)
    if (slice === undefined) {
      slice = { second, op, requests: 0, failed: 0, failures: undefined, ...newHistograms(hasResponse) }
      this.#slices.set(key, slice)
      if (second > this.#newestSecond) {
        this.#newestSecond = second
        this.#sealBefore(second - openSeconds)
      }
    }
    return slice
  }
}

const newHistograms = (hasResponse: boolean): Histograms => ({
  service: new LatencyHistogram(),
  response: hasResponse ? new LatencyHistogram() : undefined,
})

function record({ service, response }: Histograms, serviceNs: number, responseNs: number | null): void {
  service.record(serviceNs)
  if (responseNs !== null) response?.record(responseNs)
}

const encoded = ({ service, response }: Histograms): Pick<LoadSlice, 'service' | 'response'> => ({
  service: service.toBase64(),
  response: response?.toBase64() ?? null,
})
