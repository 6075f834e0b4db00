import { LatencyHistogram } from '../../stats/latency-histogram.ts'
import type { LoadSlice, RequestAccount } from '../../run/load/load-run.ts'
import { mergeSlices } from './merge-measurements.ts'
import type { Outcome } from './outcomes.ts'

type AccountDraft = { -readonly [K in Exclude<keyof RequestAccount, 'answered'>]: RequestAccount[K] } & {
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

/** So long answers to a second's requests are waited for; later ones make a slice of their own until the end. */
const openSeconds = 8

/** Accounts for every request of one sender: counts by kind, and a second's latencies by kind. */
export class RequestLog {
  readonly #accounts = new Map<string, AccountDraft>()
  readonly #slices = new Map<string, SliceDraft>()
  /** Encoded, which takes a hundredth of the memory; a long load has thousands. */
  readonly #sealed: LoadSlice[] = []
  #newestSecond = 0
  readonly #warmUpSeconds: number

  /** Seconds below `warmUpSeconds` are marked as warm-up. */
  constructor(warmUpSeconds: number) {
    this.#warmUpSeconds = warmUpSeconds
  }

  add({ op, ending, status, isExpected, second, serviceNs, responseNs }: Omit<Outcome, 'latenessNs'>): void {
    const account = this.#accountOf(op)
    account.planned += 1
    if (ending !== 'neverSent') account.sent += 1
    if (ending === 'answered') account.answered[status] = (account.answered[status] ?? 0) + 1
    else account[ending] += 1
    if (ending === 'neverSent' || ending === 'abandoned') return
    const slice = this.#slice(op, second, responseNs !== null)
    slice.requests += 1
    record(slice, serviceNs, responseNs)
    if (isExpected) return
    slice.failed += 1
    slice.failures ??= newHistograms(responseNs !== null)
    record(slice.failures, serviceNs, responseNs)
  }

  accounting(): readonly RequestAccount[] {
    return [...this.#accounts.values()]
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

  #accountOf(op: string): AccountDraft {
    let account = this.#accounts.get(op)
    if (account === undefined) {
      const none = { planned: 0, sent: 0, neverSent: 0, refused: 0, timedOut: 0, closed: 0, broken: 0 }
      account = { op, ...none, abandoned: 0, answered: {} }
      this.#accounts.set(op, account)
    }
    return account
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
