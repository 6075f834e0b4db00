import { decideChange, type ClaimedChange } from '../../stats/decide-change.ts'
import type { InterimAnalysis } from '../../stats/interim-analyses.ts'
import type { Quantity } from '../../stats/levelled-round.ts'
import { roundEffects } from '../../stats/over-rounds.ts'
import type { ClaimRun } from '../../run/run.ts'
import type { RoundResult } from '../../measure/round-plan.ts'
import { onlySides, type DrawnOperation } from '../draw/drawn-operation.ts'
import { sideKey } from '../experiment/plan-round.ts'

type TimedPart = Extract<ClaimRun['parts'][number], { operation: string }>

const quantityOf = (part: TimedPart): Quantity => (part.measure === 'time' ? part.quantile : 'mean')

/** Effects of the parts of claims that rest on time, round by round, until all of them are decided. */
export class ClaimRounds {
  readonly #parts: readonly { readonly part: TimedPart; readonly effects: number[] }[]
  readonly #analyses: readonly InterimAnalysis[]

  constructor(claims: readonly ClaimRun[], analyses: readonly InterimAnalysis[]) {
    this.#analyses = analyses
    this.#parts = claims
      .flatMap(({ parts }) => parts)
      .flatMap((part) => ('operation' in part ? [{ part, effects: [] }] : []))
  }

  /** Operations on variants that a claim names, by `sideKey`. */
  get sides(): ReadonlySet<string> {
    return new Set(this.#parts.flatMap(({ part }) => sidesOf(part)))
  }

  /** Takes in a round. */
  add({ round, slices }: RoundResult): void {
    for (const { part, effects } of this.#parts) {
      const sampled = (variant: string) => [
        {
          round,
          slices: slices
            .filter((slice) => slice.operation === part.operation && slice.variant === variant)
            .map(({ block, durationsNs }) => ({ block, sortedNs: durationsNs.toSorted() })),
        },
      ]
      const [effect] = roundEffects(sampled(part.variant), sampled(part.versus), quantityOf(part)).values()
      if (effect !== undefined) effects.push(part.measure === 'throughput' ? -effect : effect)
    }
  }

  /** What is still to be measured after so many rounds: all of it before the first analysis, then what is not decided. */
  open(rounds: number, drawn: readonly DrawnOperation[]): readonly DrawnOperation[] {
    if (rounds < (this.#analyses[0]?.rounds ?? 0)) return drawn
    const open = new Set(
      this.#parts.flatMap(({ part, effects }) =>
        isOpen(effects, part.claimed, this.#analyses) ? sidesOf(part) : [],
      ),
    )
    return onlySides(drawn, (operation, variant) => open.has(sideKey(operation, variant)))
  }
}

const isOpen = (
  effects: readonly number[],
  claimed: ClaimedChange,
  analyses: readonly InterimAnalysis[],
): boolean => {
  const decision = decideChange(effects, claimed, analyses)
  return decision !== undefined && decision.status === 'inconclusive'
}

const sidesOf = ({ operation, variant, versus }: TimedPart): readonly string[] => [
  sideKey(operation, variant),
  sideKey(operation, versus),
]
