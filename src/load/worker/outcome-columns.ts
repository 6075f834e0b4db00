import type { Outcome } from './request-log.ts'

/** What became of requests, in columns: the form in which senders report thousands of them. */
export interface OutcomeColumns {
  readonly length: number
  /** Place of the request's kind in the profile. */
  readonly op: Uint8Array
  /** Status of the answer, or a place in `silentOutcomes`. */
  readonly code: Uint16Array
  /** 1 where the answer is the expected one. */
  readonly expected: Uint8Array
  readonly second: Uint32Array
  readonly serviceNs: Float64Array
  /** NaN where there is no intended start. */
  readonly responseNs: Float64Array
  /** How much later than intended its turn came; NaN where there is no intended start. */
  readonly latenessNs: Float64Array
}

/** Outcomes without an answer. */
const silentOutcomes = ['refused', 'timedOut', 'closed', 'broken', 'abandoned', 'neverSent'] as const
export type SilentOutcome = (typeof silentOutcomes)[number]

export const codeOf = (outcome: SilentOutcome): number => silentOutcomes.indexOf(outcome)

export function outcomeOf(code: number, expected: boolean): Outcome {
  const kind = silentOutcomes[code]
  return kind === undefined ? { kind: 'answered', status: code, asExpected: expected } : { kind }
}

/** Collects outcomes and hands them over. */
export class OutcomeRecorder {
  #columns = newColumns(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  record(
    op: number,
    code: number,
    isExpected: boolean,
    second: number,
    serviceNs: number,
    responseNs: number,
    latenessNs: number,
  ): void {
    const row = this.#length
    if (row === this.#columns.op.length) this.#columns = grown(this.#columns)
    const columns = this.#columns
    columns.op[row] = op
    columns.code[row] = code
    columns.expected[row] = isExpected ? 1 : 0
    columns.second[row] = second
    columns.serviceNs[row] = serviceNs
    columns.responseNs[row] = responseNs
    columns.latenessNs[row] = latenessNs
    this.#length = row + 1
  }

  /** What was recorded since the last call. */
  take(): OutcomeColumns {
    const length = this.#length
    this.#length = 0
    const { op, code, expected, second, serviceNs, responseNs, latenessNs } = this.#columns
    return {
      length,
      op: op.slice(0, length),
      code: code.slice(0, length),
      expected: expected.slice(0, length),
      second: second.slice(0, length),
      serviceNs: serviceNs.slice(0, length),
      responseNs: responseNs.slice(0, length),
      latenessNs: latenessNs.slice(0, length),
    }
  }
}

type Columns = Omit<OutcomeColumns, 'length'>

function newColumns(rows: number): Columns {
  return {
    op: new Uint8Array(rows),
    code: new Uint16Array(rows),
    expected: new Uint8Array(rows),
    second: new Uint32Array(rows),
    serviceNs: new Float64Array(rows),
    responseNs: new Float64Array(rows),
    latenessNs: new Float64Array(rows),
  }
}

function grown(columns: Columns): Columns {
  const larger = newColumns(columns.op.length * 2)
  for (const name of Object.keys(columns) as (keyof Columns)[]) larger[name].set(columns[name])
  return larger
}
