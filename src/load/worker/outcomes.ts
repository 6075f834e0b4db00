import type { LoadProfile } from '../../scenario/load-profile/load-profile.ts'

type RequestKinds = LoadProfile['requests']

/** Endings without an answer; the place of one is its code in a record. */
const unanswered = ['refused', 'timedOut', 'closed', 'broken', 'abandoned', 'neverSent'] as const

/** How a request ended. */
export type Ending = 'answered' | (typeof unanswered)[number]

/** What became of one request. */
export interface Outcome {
  /** Kind of the request in the profile. */
  readonly op: string
  readonly ending: Ending
  /** Of the answer; 0 where there is none. */
  readonly status: number
  /** Answered as the profile expects. */
  readonly isExpected: boolean
  /** Whole seconds since the load began. */
  readonly second: number
  /** From sending to the end; ignored for what was never sent or abandoned. */
  readonly serviceNs: number
  /** From the intended start to the end; null where there is no intended start. */
  readonly responseNs: number | null
  /** How much later than intended it was sent; NaN where there is no intended start. */
  readonly latenessNs: number
}

/** What a sender knows of a request that has ended. `responseNs` and `latenessNs` are NaN without an intended start. */
export interface EndedRequest extends Omit<Outcome, 'isExpected' | 'responseNs'> {
  readonly responseNs: number
  /** Whether the answer is a web page, where an API should have answered. */
  readonly isHtml: boolean
}

const numbersPerRecord = 7

/** Collects outcomes as records of numbers, the form in which senders report thousands of them. */
export class OutcomeRecorder {
  readonly #kinds: ReadonlyMap<string, { readonly place: number; readonly status: number }>
  #records = new Float64Array(1024 * numbersPerRecord)
  #length = 0

  constructor(requests: RequestKinds) {
    this.#kinds = new Map(requests.map(({ id, status }, place) => [id, { place, status }]))
  }

  record(ended: EndedRequest): void {
    const { ending, status, isHtml } = ended
    const kind = this.#kinds.get(ended.op)!
    if (this.#length === this.#records.length) {
      const larger = new Float64Array(2 * this.#length)
      larger.set(this.#records)
      this.#records = larger
    }
    const records = this.#records
    const at = this.#length
    records[at] = kind.place
    records[at + 1] = ending === 'answered' ? status : unanswered.indexOf(ending)
    records[at + 2] = ending === 'answered' && status === kind.status && !isHtml ? 1 : 0
    records[at + 3] = ended.second
    records[at + 4] = ended.serviceNs
    records[at + 5] = ended.responseNs
    records[at + 6] = ended.latenessNs
    this.#length = at + numbersPerRecord
  }

  /** What was recorded since the last call. */
  take(): Float64Array {
    const taken = this.#records.slice(0, this.#length)
    this.#length = 0
    return taken
  }
}

/** The outcomes in records of an `OutcomeRecorder` for the same requests. */
export function* outcomesIn(records: Float64Array, requests: RequestKinds): Generator<Outcome> {
  for (let at = 0; at < records.length; at += numbersPerRecord) {
    const code = records[at + 1]!
    const ending = unanswered[code] ?? 'answered'
    const responseNs = records[at + 5]!
    yield {
      op: requests[records[at]!]!.id,
      ending,
      status: ending === 'answered' ? code : 0,
      isExpected: records[at + 2] === 1,
      second: records[at + 3]!,
      serviceNs: records[at + 4]!,
      responseNs: Number.isNaN(responseNs) ? null : responseNs,
      latenessNs: records[at + 6]!,
    }
  }
}
