import type { LoadMeasurement } from '../../run/load/load-run.ts'
import type { ProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import type { LoadContext } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { createdRows } from '../worker/merge-measurements.ts'
import { RequestLog } from '../worker/request-log.ts'
import { SecondProgress } from '../worker/second-progress.ts'
import type { K6Row } from './k6-csv.ts'
import { outcomeOf } from './script/outcome.ts'

type Ended = Extract<K6Row, { kind: 'ended' }>

/** Accounts for the requests of k6, row by row of its CSV. */
export class K6Reader {
  readonly #log: RequestLog
  readonly #warmUpSeconds: number
  readonly #progress: SecondProgress
  readonly #begun = new Map<string, number>()
  /** Rows that came before the one that says when the load started. */
  #early: Ended[] = []
  #dropped = 0
  #connected = 0
  /** An iteration of a user holds the pause before the request. */
  readonly #hasThinkTime: boolean
  readonly #drift = new IterationDrift()
  startMs: number | null = null
  lastEndMs = 0

  constructor(plan: LoadPlan, context: Pick<LoadContext, 'emit' | 'early'>) {
    this.#warmUpSeconds = Math.ceil(plan.warmUpSeconds)
    this.#log = new RequestLog(this.#warmUpSeconds)
    this.#hasThinkTime = plan.model.kind === 'closed-model'
    this.#progress = new SecondProgress(context, () => ({
      slices: this.#log.slices(),
      neverSent: this.#dropped,
    }))
  }

  read(row: K6Row): void {
    switch (row.kind) {
      case 'started':
        this.startMs ??= row.startMs
        for (const early of this.#early) this.#add(early, this.startMs)
        this.#early = []
        return
      case 'begun':
        this.#begun.set(row.op, (this.#begun.get(row.op) ?? 0) + 1)
        return
      case 'connected':
        this.#connected += row.count
        return
      case 'connecting':
        this.#drift.addConnecting(row.durationMs)
        return
      case 'iterated':
        if (this.startMs !== null) {
          const atMs = row.endMs - row.durationMs - this.startMs
          if (atMs >= this.#warmUpSeconds * 1000) this.#drift.addIteration(row.durationMs)
        }
        return
      case 'dropped':
        this.#dropped += row.count
        this.lastEndMs = Math.max(this.lastEndMs, row.endMs)
        return
      case 'ended':
        if (this.startMs === null) this.#early.push(row)
        else this.#add(row, this.startMs)
    }
  }

  #add(row: Ended, startMs: number): void {
    const { op, isMeasured, endMs, durationMs, asExpected } = row
    const found = outcomeOf(row.status, row.errorCode, row.error)
    const isAnswered = typeof found === 'number'
    const sentIn = Math.max(0, Math.floor((endMs - durationMs - startMs) / 1000))
    // The script has said which phase it is; its clock and the one of this row are some microseconds apart.
    const second = isMeasured
      ? Math.max(sentIn, this.#warmUpSeconds)
      : Math.min(sentIn, this.#warmUpSeconds - 1)
    const outcome = {
      op,
      ending: isAnswered ? ('answered' as const) : found,
      status: isAnswered ? found : 0,
      isExpected: isAnswered && asExpected,
      second,
      serviceNs: durationMs * 1e6,
      responseNs: null,
    }
    this.#log.add(outcome)
    this.#begun.set(op, (this.#begun.get(op) ?? 0) - 1)
    if (isMeasured) this.#drift.addRequest(durationMs)
    this.lastEndMs = Math.max(this.lastEndMs, endMs)
    this.#progress.addSent(second, 1)
    this.#progress.addEnded(second, outcome)
    this.#progress.emitBefore(Math.floor((endMs - startMs) / 1000) - 1)
  }

  /** Adds what began and never ended, and what was dropped, and sums up. Call it once, after the last row. */
  finish(
    { sequence, profile }: ProfileForSending,
    connections: number,
  ): Pick<LoadMeasurement, 'accounting' | 'slices' | 'created' | 'connections' | 'iterations'> {
    for (const early of this.#early) this.#add(early, early.endMs - early.durationMs)
    this.#progress.emitBefore(Infinity)
    const nothing = { status: 0, isExpected: false, second: 0, serviceNs: 0, responseNs: null }
    for (const [op, count] of this.#begun) {
      for (let i = 0; i < count; i++) this.#log.add({ op, ending: 'abandoned', ...nothing })
    }
    // k6 gives the next place of the sequence to the next request that it does send, so the last places are left over.
    const sent = this.#log.accounting().reduce((sum, account) => sum + account.sent, 0)
    for (let i = 0; i < this.#dropped; i++) {
      this.#log.add({ op: sequence(sent + i).op, ending: 'neverSent', ...nothing })
    }
    const slices = this.#log.slices()
    const opened = this.#connected
    const iterations = this.#hasThinkTime ? undefined : this.#drift.mean()
    return {
      ...(iterations === undefined ? {} : { iterations }),
      accounting: this.#log.accounting(),
      slices,
      created: createdRows(slices, profile.requests),
      connections: {
        opened,
        reopened: Math.max(0, opened - connections),
        peak: Math.min(opened, connections),
      },
    }
  }
}

/** What iterations of k6's script took beyond their requests: time of k6 itself, which grows when it gets no processor. */
export class IterationDrift {
  readonly #sum = { iterations: 0, iterationMs: 0, requests: 0, requestMs: 0, connectingMs: 0 }

  addIteration(durationMs: number): void {
    this.#sum.iterations += 1
    this.#sum.iterationMs += durationMs
  }

  addRequest(durationMs: number): void {
    this.#sum.requests += 1
    this.#sum.requestMs += durationMs
  }

  /** A connection was opened within some iteration. */
  addConnecting(durationMs: number): void {
    this.#sum.connectingMs += durationMs
  }

  /** Means of the measured phase; undefined where nothing was measured. */
  mean(): LoadMeasurement['iterations'] {
    const { iterations, iterationMs, requests, requestMs, connectingMs } = this.#sum
    if (iterations === 0 || requests === 0) return undefined
    const meanMs = iterationMs / iterations
    const driftMs = Math.max(0, meanMs - requestMs / requests - connectingMs / requests)
    return { count: iterations, meanNs: Math.round(meanMs * 1e6), driftNs: Math.round(driftMs * 1e6) }
  }
}
