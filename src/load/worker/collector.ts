import { build, type Histogram } from 'hdr-histogram-js'
import type { LoadMeasurement } from '../../run/load-run.ts'
import type { LoadProfile } from '../../scenario/load-profile.ts'
import type { LoadSurroundings } from '../engine.ts'
import { RequestLog } from './request-log.ts'
import { outcomeOf, type OutcomeColumns } from './outcome-columns.ts'

interface Second {
  reports: number
  sent: number
  answered: number
  failed: number
  readonly latencies: Histogram
}

/** Puts together what all senders report: the ledger, the slices, and what happened second by second. */
export class Collector {
  readonly created: Record<string, number> = {}
  readonly #log: RequestLog
  readonly #requests: LoadProfile['requests']
  readonly #warmUpSeconds: number
  readonly #senders: number
  readonly #surroundings: Pick<LoadSurroundings, 'emit' | 'early'>
  readonly #lateness = newHistogram()
  readonly #seconds = new Map<number, Second>()

  constructor(
    profile: LoadProfile,
    plan: { readonly warmUpSeconds: number; readonly workers: number },
    surroundings: Pick<LoadSurroundings, 'emit' | 'early'>,
  ) {
    this.#log = new RequestLog(plan.warmUpSeconds)
    this.#requests = profile.requests
    this.#warmUpSeconds = plan.warmUpSeconds
    this.#senders = plan.workers
    this.#surroundings = surroundings
  }

  add(second: number, sent: number, rows: OutcomeColumns): void {
    const total = this.#secondOf(second)
    total.reports += 1
    total.sent += sent
    for (let row = 0; row < rows.length; row += 1) this.#addRow(rows, row, total)
    if (total.reports === this.#senders) this.#tell(second, total)
  }

  finish(): Pick<LoadMeasurement, 'ledger' | 'slices' | 'lateness' | 'created'> {
    // Senders do not all end in the same second.
    for (const [second, total] of [...this.#seconds].toSorted(([a], [b]) => a - b)) this.#tell(second, total)
    const lateness = this.#lateness
    return {
      ledger: this.#log.ledger(),
      slices: this.#log.slices(),
      lateness:
        lateness.totalCount === 0
          ? null
          : {
              samples: lateness.totalCount,
              p50Ns: lateness.getValueAtPercentile(50),
              p99Ns: lateness.getValueAtPercentile(99),
              maxNs: lateness.maxValue,
            },
      created: this.created,
    }
  }

  #tell(second: number, { sent, answered, failed, latencies }: Second): void {
    this.#seconds.delete(second)
    const p95Ns = latencies.totalCount === 0 ? null : latencies.getValueAtPercentile(95)
    const { emit, early } = this.#surroundings
    emit({ kind: 'second', second, sent, answered, failed, p95Ns })
    // A sender knows what it has never sent when it ends.
    early?.onSecond(second + 1, () => ({ slices: this.#log.slices(), neverSent: 0 }))
  }

  #addRow(rows: OutcomeColumns, row: number, total: Second): void {
    const request = this.#requests[rows.op[row]!]!
    const outcome = outcomeOf(rows.code[row]!, rows.expected[row] === 1)
    const second = rows.second[row]!
    const serviceNs = rows.serviceNs[row]!
    const responseNs = rows.responseNs[row]!
    const latenessNs = rows.latenessNs[row]!
    const isOpen = !Number.isNaN(responseNs)
    this.#log.settle({ op: request.id, outcome, second, serviceNs, responseNs: isOpen ? responseNs : null })
    if (outcome.kind === 'neverSent') return
    if (isOpen && second >= this.#warmUpSeconds)
      this.#lateness.recordValue(Math.max(0, Math.round(latenessNs)))
    total.latencies.recordValue(Math.max(0, Math.round(isOpen ? responseNs : serviceNs)))
    if (outcome.kind === 'answered') total.answered += 1
    if (outcome.kind !== 'answered' || !outcome.asExpected) total.failed += 1
    else if (request.creates !== undefined) {
      this.created[request.creates] = (this.created[request.creates] ?? 0) + 1
    }
  }

  #secondOf(second: number): Second {
    let found = this.#seconds.get(second)
    if (found === undefined) {
      found = { reports: 0, sent: 0, answered: 0, failed: 0, latencies: newHistogram() }
      this.#seconds.set(second, found)
    }
    return found
  }
}

const newHistogram = (): Histogram => build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })
