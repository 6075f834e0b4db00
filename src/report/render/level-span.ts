import { formatCount, formatNs, formatNsInterval } from '../../core/number-format.ts'
import type { OverRounds } from '../../stats/over-rounds.ts'
import { span, type Span } from './document.ts'

/** A level of time with its interval, or what there is in its place; `per` calls share the time of a sample. */
export function levelSpan(level: OverRounds | undefined, per: number): Span {
  switch (level?.state) {
    case 'measured': {
      const { estimate, low, high } = level.interval
      return span(formatNsInterval({ estimate: estimate / per, low: low / per, high: high / per }))
    }
    case 'too-few-rounds':
      return span(`about ${formatNs(level.estimate / per)}`)
    case 'too-few-samples':
    case 'nothing':
    case undefined:
      return span('–')
  }
}

/** Calls a second while the variant is called again and again: the inverse of the mean time. */
export function perSecondSpan(mean: OverRounds | undefined, per: number): Span {
  const perSecond = (ns: number): string => formatCount((per * 1e9) / ns)
  switch (mean?.state) {
    case 'measured': {
      const { estimate, low, high } = mean.interval
      return span(`${perSecond(estimate)} [${perSecond(high)}, ${perSecond(low)}]`)
    }
    case 'too-few-rounds':
      return span(`about ${perSecond(mean.estimate)}`)
    case 'too-few-samples':
    case 'nothing':
    case undefined:
      return span('–')
  }
}
