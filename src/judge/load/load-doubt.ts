/** How much of a measured time may be the sender's own. */
export interface Slack {
  /** Share of the time itself, 0 to 1. */
  readonly share: number
  /** Beside that: of 99 in 100 requests, and of all. */
  readonly p99Ns: number
  readonly mostNs: number
  /** The part of `mostNs` that service times hold too: answers that were read late. */
  readonly readNs: number
  /** Response times may hold any wait in the sender's own pool, so that service times alone bound them from below. */
  readonly isPoolWait: boolean
}

/**
 * What may be wrong with latencies without being known. `times`: they may be too long by the slack.
 * `couldBeSlower`: under the load asked for they may be longer than measured: as the response times say, by the slack once
 * more because a send was late by it, or by any amount.
 */
export interface Doubt {
  /** Undefined where nothing is held against the sender: then requests that timed out stay failed. */
  readonly slack?: Slack
  readonly couldBeSlower: (typeof severity)[number]
}

/** All doubts about a load at once. Requests by kind. */
export interface Doubts extends Doubt {
  readonly slack: Slack
  /** Never sent, or without an answer at the end: as slow as anything, or as fast. */
  readonly missing: ReadonlyMap<string, number>
  /** Timed out, perhaps by the fault of the sender; empty where nothing is held against it. */
  readonly timedOut: ReadonlyMap<string, number>
}

export const noSlack: Slack = { share: 0, p99Ns: 0, mostNs: 0, readNs: 0, isPoolWait: false }

export const noDoubts: Doubts = {
  slack: noSlack,
  couldBeSlower: 'no',
  missing: new Map(),
  timedOut: new Map(),
}

const severity = ['no', 'to response time', 'by slack', 'without bound'] as const

/** Adds up doubts: times of their slacks may coincide. */
export function joinDoubts(doubts: readonly Doubt[], requests: Pick<Doubts, 'missing' | 'timedOut'>): Doubts {
  const slacks = doubts.flatMap(({ slack }) => slack ?? [])
  const sum = (of: (slack: Slack) => number): number => slacks.reduce((total, slack) => total + of(slack), 0)
  const worst = Math.max(0, ...doubts.map(({ couldBeSlower }) => severity.indexOf(couldBeSlower)))
  return {
    slack: {
      share: 1 - slacks.reduce((left, { share }) => left * (1 - share), 1),
      p99Ns: sum(({ p99Ns }) => p99Ns),
      mostNs: sum(({ mostNs }) => mostNs),
      readNs: sum(({ readNs }) => readNs),
      isPoolWait: slacks.some(({ isPoolWait }) => isPoolWait),
    },
    couldBeSlower: severity[worst] ?? 'without bound',
    missing: requests.missing,
    timedOut: slacks.length === 0 ? new Map() : requests.timedOut,
  }
}

/** What is left of a time without the sender's part. */
export const withoutSlack = (ns: number, { share }: Slack, extraNs: number): number =>
  ns === Infinity ? Infinity : Math.max(0, ns * (1 - share) - extraNs)

/** A time that was measured from a send which may have been late by the slack. */
export const withSlack = (ns: number, { share, mostNs }: Slack): number => ns / (1 - share) + mostNs
