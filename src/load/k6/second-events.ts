import type { LoadEvent } from '../engine.ts'

type SecondEvent = Extract<LoadEvent, { kind: 'second' }>

interface SecondDraft {
  answered: number
  failed: number
  readonly durationsNs: number[]
}

/** Tells of every second of a load, once no more of its requests are to be expected soon. */
export class SecondEvents {
  readonly #emit: (event: SecondEvent) => void
  readonly #open = new Map<number, SecondDraft>()
  #next = 0

  constructor(emit: (event: SecondEvent) => void) {
    this.#emit = emit
  }

  /** A request that was sent in a second and ended at a moment, in seconds since the load began. */
  add(
    second: number,
    endedAtSeconds: number,
    durationNs: number,
    { isAnswered, isFailed }: { readonly isAnswered: boolean; readonly isFailed: boolean },
  ): void {
    if (second >= this.#next) {
      let draft = this.#open.get(second)
      if (draft === undefined) this.#open.set(second, (draft = { answered: 0, failed: 0, durationsNs: [] }))
      if (isAnswered) draft.answered += 1
      if (isFailed) draft.failed += 1
      draft.durationsNs.push(durationNs)
    }
    this.#tellUntil(Math.floor(endedAtSeconds) - 1)
  }

  finish(): void {
    this.#tellUntil(Math.max(-1, ...this.#open.keys()) + 1)
  }

  #tellUntil(end: number): void {
    for (; this.#next < end; this.#next += 1) {
      const draft = this.#open.get(this.#next)
      if (draft === undefined) continue
      this.#open.delete(this.#next)
      const { answered, failed, durationsNs } = draft
      const sorted = Float64Array.from(durationsNs).sort()
      const p95Ns = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null
      this.#emit({ kind: 'second', second: this.#next, sent: sorted.length, answered, failed, p95Ns })
    }
  }
}
