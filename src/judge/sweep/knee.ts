import type { MeasuredSweep } from '../../run/sweep/sweep-run.ts'
import type { Knee } from '../../run/sweep/sweep-verdict.ts'
import { hodgesLehmann } from '../../stats/hodges-lehmann.ts'
import { ratioOverRounds } from '../../stats/value-over-rounds.ts'
import { logPowers } from './sweep-values.ts'

/**
 * The knee of every series: the point of the greatest power, which is throughput divided by latency (Kleinrock 1979). Before
 * it more load costs little latency, behind it mostly latency. A point is not told apart from it when the interval of the
 * ratio of their powers, round by round, holds 1, or there are too few rounds for an interval.
 */
export function kneesOf(sweep: MeasuredSweep, confidence: number): readonly Knee[] {
  const { knee, points } = sweep
  if (knee === undefined) return []
  const series = [...new Set(points.map((point) => point.series ?? null))]
  return series.map((name): Knee => {
    const powers = points
      .filter((point) => (point.series ?? null) === name)
      .map(({ id }) => ({ id, byRound: logPowers(sweep, id, knee) }))
      .filter(({ byRound }) => byRound.size > 0)
      .map((power) => ({ ...power, centre: hodgesLehmann([...power.byRound.values()]) }))
    const [best, ...others] = powers.toSorted((a, b) => b.centre - a.centre)
    if (best === undefined) return { series: name, point: null, notToldApart: [] }
    const isAlike = ({ byRound }: (typeof powers)[number]): boolean => {
      const effects = [...best.byRound].flatMap(([round, power]) => {
        const other = byRound.get(round)
        return other === undefined ? [] : [power - other]
      })
      const ratio = ratioOverRounds(effects, confidence)
      return ratio.state !== 'measured' || ratio.interval.low <= 1
    }
    return { series: name, point: best.id, notToldApart: others.filter(isAlike).map(({ id }) => id) }
  })
}
