import type { OverRounds } from '../../stats/over-rounds.ts'
import type { ComparisonStatus, RatioOf } from '../../run/verdict.ts'
import { span, type Span, type Tone } from './document.ts'
import { formatRatio, formatRatioEstimate } from '../../core/number-format.ts'

/** A ratio with its interval, or what there is in its place. */
export function ratioSpan(compared: RatioOf | undefined): Span {
  return compared === undefined ? span('') : span(ratioText(compared.ratio), statusTone(compared.status))
}

/** `faster`, `slower`, `no difference` or `inconclusive`. */
export function statusSpan(compared: RatioOf | undefined): Span {
  return compared === undefined || compared.ratio.state === 'too-few-samples'
    ? span('')
    : span(compared.status, statusTone(compared.status))
}

function ratioText(ratio: OverRounds): string {
  switch (ratio.state) {
    case 'measured':
      return formatRatio(ratio.interval)
    case 'too-few-rounds':
      return `${formatRatioEstimate(ratio.estimate)} (${ratio.rounds} ${ratio.rounds === 1 ? 'round' : 'rounds'})`
    case 'too-few-samples':
      return '–'
    case 'nothing':
      return 'no pairs'
  }
}

function statusTone(status: ComparisonStatus): Tone {
  switch (status) {
    case 'faster':
      return 'good'
    case 'slower':
      return 'bad'
    case 'inconclusive':
      return 'warn'
    case 'no difference':
      return 'dim'
  }
}
