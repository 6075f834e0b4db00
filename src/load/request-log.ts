import { LatencyHistogram } from '../measure/latency-histogram.ts'
import type { LedgerEntry, LoadSlice } from '../run/load-run.ts'

/** What became of one planned request. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly asExpected: boolean }
  | { readonly kind: 'refused' | 'timedOut' | 'closed' | 'broken' | 'abandoned' | 'neverSent' }

type LedgerDraft = { -readonly [K in Exclude<keyof LedgerEntry, 'answered'>]: LedgerEntry[K] } & {
  readonly answered: Record<string, number>
}

interface SliceDraft {
  readonly second: number
  readonly op: string
  requests: number
  failed: number
  readonly service: LatencyHistogram
  readonly response: LatencyHistogram | undefined
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

/** Accounts for every request of one sender: a ledger by kind, and a second's latencies by kind. */
export class RequestLog {
  readonly #ledger = new Map<string, LedgerDraft>()
  readonly #slices = new Map<string, SliceDraft>()
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
    if (outcome.kind !== 'answered' || !outcome.asExpected) slice.failed += 1
    slice.service.record(serviceNs)
    if (responseNs !== null) slice.response?.record(responseNs)
  }

  ledger(): readonly LedgerEntry[] {
    return [...this.#ledger.values()]
  }

  slices(): readonly LoadSlice[] {
    return [...this.#slices.values()]
      .toSorted((a, b) => a.second - b.second || (a.op < b.op ? -1 : 1))
      .map(({ second, op, requests, failed, service, response }) => ({
        second,
        op,
        phase: second < this.#warmUpSeconds ? 'warm-up' : 'measured',
        requests,
        failed,
        service: service.toBase64(),
        response: response?.toBase64() ?? null,
      }))
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
      const response = hasResponse ? new LatencyHistogram() : undefined
      slice = { second, op, requests: 0, failed: 0, service: new LatencyHistogram(), response }
      this.#slices.set(key, slice)
    }
    return slice
  }
}
