import type { LoadMeasurement } from '../../run/load/load-run.ts'
import type { LoadProfile } from '../../scenario/load-profile/load-profile.ts'
import type { LoadContext } from '../engine.ts'
import { createdRows } from './merge-measurements.ts'
import { outcomesIn, type Outcome } from './outcomes.ts'
import { RequestLog } from './request-log.ts'
import { latencyTotals, SecondProgress } from './second-progress.ts'

/** Puts together what all senders report: the request accounting, the slices, and what happened second by second. */
export class Collector {
  readonly #log: RequestLog
  readonly #requests: LoadProfile['requests']
  readonly #warmUpSeconds: number
  readonly #senders: number
  readonly #progress: SecondProgress
  readonly #lateness = latencyTotals()
  /** Senders that have reported a second. */
  readonly #reports = new Map<number, number>()

  constructor(
    { requests }: Pick<LoadProfile, 'requests'>,
    plan: { readonly warmUpSeconds: number; readonly workers: number },
    context: Pick<LoadContext, 'emit' | 'early'>,
  ) {
    const log = new RequestLog(plan.warmUpSeconds)
    this.#log = log
    this.#requests = requests
    this.#warmUpSeconds = plan.warmUpSeconds
    this.#senders = plan.workers
    // A sender knows what it has never sent when it ends.
    this.#progress = new SecondProgress(context, () => ({ slices: log.slices(), neverSent: 0 }))
  }

  /** Takes what a sender reports at the end of a second. */
  add(second: number, sent: number, records: Float64Array): void {
    this.#progress.addSent(second, sent)
    for (const outcome of outcomesIn(records, this.#requests)) this.#addOutcome(second, outcome)
    const reports = (this.#reports.get(second) ?? 0) + 1
    this.#reports.set(second, reports)
    if (reports === this.#senders) this.#progress.emitBefore(second + 1)
  }

  finish(): Pick<LoadMeasurement, 'accounting' | 'slices' | 'lateness' | 'created'> {
    // Senders do not all end in the same second.
    this.#progress.emitBefore(Infinity)
    const slices = this.#log.slices()
    const lateness = this.#lateness
    return {
      accounting: this.#log.accounting(),
      slices,
      lateness:
        lateness.totalCount === 0
          ? null
          : {
              samples: lateness.totalCount,
              p50Ns: lateness.getValueAtPercentile(50),
              p99Ns: lateness.getValueAtPercentile(99),
              maxNs: lateness.maxValue,
            },
      created: createdRows(slices, this.#requests),
    }
  }

  #addOutcome(second: number, outcome: Outcome): void {
    this.#log.add(outcome)
    if (outcome.ending === 'neverSent') return
    if (outcome.responseNs !== null && outcome.second >= this.#warmUpSeconds) {
      this.#lateness.recordValue(Math.max(0, Math.round(outcome.latenessNs)))
    }
    this.#progress.addEnded(second, outcome)
  }
}
