import { formatClaimed, formatNumber } from '../../core/number-format.ts'
import type { MeasuredSweep, SweepPartRun } from '../../run/sweep/sweep-run.ts'
import { measuredText, type PartWords } from '../run/verdict-section.ts'

/** How the parts of a sweep's claims are told: with the titles of its metrics and points, a limit in its unit. */
export function sweepPartWords({ metrics, points }: MeasuredSweep): PartWords<SweepPartRun> {
  const metricOf = (part: SweepPartRun) => metrics.find(({ id }) => id === part.metric)
  const titleOf = (point: string): string => {
    const { title = point, series } = points.find(({ id }) => id === point) ?? {}
    return series === undefined ? title : `${series}, ${title}`
  }
  const unitOf = (part: SweepPartRun): string => metricOf(part)?.unit ?? ''
  return {
    quantity: (part) => metricOf(part)?.title ?? part.metric,
    sides: (part) =>
      part.measure === 'sweep'
        ? `${titleOf(part.variant)} vs ${titleOf(part.versus)}`
        : titleOf(part.variant),
    measured: (part, measured) => {
      if (part.measure === 'sweep' || measured.state === 'missing') return measuredText(measured)
      const { level } = measured
      if (level === undefined) return '–'
      const { estimate, low, high } = level
      return measured.state === 'too-few'
        ? `about ${formatNumber(estimate)} ${unitOf(part)}`
        : `${formatNumber(estimate)} ${unitOf(part)} [${formatNumber(low)}, ${formatNumber(high)}]`
    },
    claimed: (part) => {
      if (part.measure === 'sweep') return formatClaimed(part.claimed)
      return 'atLeast' in part.claimed
        ? `at least ${formatNumber(part.claimed.atLeast)} ${unitOf(part)}`
        : `at most ${formatNumber(part.claimed.atMost)} ${unitOf(part)}`
    },
  }
}
