import type { PairedRatio } from '../measure/paired-ratio.ts'
import type { ComparisonWord, RatioOf } from '../run/compare-timings.ts'
import { span, type Span, type Tone } from './document.ts'
import { formatRatio, formatRatioEstimate } from '../core/number-format.ts'

/** A ratio with its interval, or what there is in its place. */
export function ratioSpan(compared: RatioOf | undefined): Span {
  return compared === undefined ? span('') : span(ratioText(compared.ratio), wordTone(compared.word))
}

/** `faster`, `slower`, `no difference` or `inconclusive`. */
export function wordSpan(compared: RatioOf | undefined): Span {
  return compared === undefined ? span('') : span(compared.word, wordTone(compared.word))
}

function ratioText(ratio: PairedRatio): string {
  switch (ratio.state) {
    case 'measured':
      return formatRatio(ratio.interval)
    case 'too-few-rounds':
      return `${formatRatioEstimate(ratio.estimate)} (${ratio.rounds} ${ratio.rounds === 1 ? 'round' : 'rounds'})`
    case 'no-pairs':
      return 'no pairs'
  }
}

function wordTone(word: ComparisonWord): Tone {
  switch (word) {
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
