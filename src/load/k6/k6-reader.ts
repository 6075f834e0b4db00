import { join } from 'node:path'
import type { LoadMeasurement } from '../../run/load-run.ts'
import { scenariosFolder } from '../../scenario/built-in.ts'
import type { ProfileForSending } from '../../scenario/load-profile-file.ts'
import { importScript } from '../../scenario/script-file.ts'
import type { LoadPlan } from '../load-plan.ts'
import { RequestLog, type Outcome } from '../worker/request-log.ts'
import type { K6Row } from './k6-csv.ts'
import { IterationDrift } from './iteration-drift.ts'
import { SecondEvents } from './second-events.ts'
import type { LoadSurroundings } from '../engine.ts'

type Ended = Extract<K6Row, { kind: 'ended' }>

/** The function of `scenarios/load/k6-outcome.ts`, which the script of k6 counts with. */
export type OutcomeOf = (
  status: number,
  errorCode: number,
  error: string,
) => number | 'refused' | 'timedOut' | 'closed' | 'broken'

export async function loadOutcomeOf(): Promise<OutcomeOf> {
  const module = await importScript(join(scenariosFolder, 'load', 'k6-outcome.ts'))
  return module['outcomeOf'] as OutcomeOf
}

/** Accounts for what k6 tells row by row. */
export class K6Reader {
  readonly #log: RequestLog
  readonly #warmUpSeconds: number
  readonly #outcomeOf: OutcomeOf
  readonly #seconds: SecondEvents
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

  constructor(plan: LoadPlan, outcomeOf: OutcomeOf, surroundings: Pick<LoadSurroundings, 'emit' | 'early'>) {
    this.#warmUpSeconds = Math.ceil(plan.warmUpSeconds)
    this.#log = new RequestLog(this.#warmUpSeconds)
    this.#hasThinkTime = plan.model.kind === 'users'
    this.#outcomeOf = outcomeOf
    const { emit, early } = surroundings
    this.#seconds = new SecondEvents((event) => {
      emit(event)
      early?.onSecond(event.second + 1, () => ({ slices: this.#log.slices(), neverSent: this.#dropped }))
    })
  }

  read(row: K6Row): void {
    switch (row.kind) {
      case 'started':
        this.startMs ??= row.startMs
        for (const early of this.#early) this.#settle(early, this.startMs)
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
        else this.#settle(row, this.startMs)
    }
  }

  #settle(row: Ended, startMs: number): void {
    const { op, isMeasured, endMs, durationMs, asExpected } = row
    const told = this.#outcomeOf(row.status, row.errorCode, row.error)
    const outcome: Outcome =
      typeof told === 'number' ? { kind: 'answered', status: told, asExpected } : { kind: told }
    const sentIn = Math.max(0, Math.floor((endMs - durationMs - startMs) / 1000))
    // The script has said which phase it is; its clock and the one of this row are some microseconds apart.
    const second = isMeasured
      ? Math.max(sentIn, this.#warmUpSeconds)
      : Math.min(sentIn, this.#warmUpSeconds - 1)
    this.#log.settle({ op, outcome, second, serviceNs: durationMs * 1e6, responseNs: null })
    this.#begun.set(op, (this.#begun.get(op) ?? 0) - 1)
    if (isMeasured) this.#drift.addRequest(durationMs)
    this.lastEndMs = Math.max(this.lastEndMs, endMs)
    this.#seconds.add(second, (endMs - startMs) / 1000, durationMs * 1e6, {
      isAnswered: outcome.kind === 'answered',
      isFailed: !asExpected || outcome.kind !== 'answered',
    })
  }

  /** Settles what began and never ended, and what was dropped, and sums up. Call it once, after the last row. */
  finish(
    { sequence, profile }: ProfileForSending,
    connections: number,
  ): Pick<LoadMeasurement, 'ledger' | 'slices' | 'created' | 'connections' | 'iterations'> {
    for (const early of this.#early) this.#settle(early, early.endMs - early.durationMs)
    this.#seconds.finish()
    const nothing = { second: 0, serviceNs: 0, responseNs: null }
    for (const [op, count] of this.#begun) {
      for (let i = 0; i < count; i++) this.#log.settle({ op, outcome: { kind: 'abandoned' }, ...nothing })
    }
    // k6 gives the next place of the sequence to the next request that it does send, so the last places are left over.
    const sent = this.#log.ledger().reduce((sum, entry) => sum + entry.sent, 0)
    for (let i = 0; i < this.#dropped; i++) {
      const { op } = sequence(sent + i)
      this.#log.settle({ op, outcome: { kind: 'neverSent' }, ...nothing })
    }
    const ledger = this.#log.ledger()
    const created: Record<string, number> = {}
    for (const { id, creates, status } of profile.requests) {
      const count = ledger.find(({ op }) => op === id)?.answered[String(status)] ?? 0
      if (creates !== undefined && count > 0) created[creates] = (created[creates] ?? 0) + count
    }
    const opened = this.#connected
    const iterations = this.#hasThinkTime ? undefined : this.#drift.mean()
    return {
      ...(iterations === undefined ? {} : { iterations }),
      ledger,
      slices: this.#log.slices(),
      created,
      connections: {
        opened,
        reopened: Math.max(0, opened - connections),
        peak: Math.min(opened, connections),
      },
    }
  }
}
