import type { MeasuredSweep } from '../../run/sweep/sweep-run.ts'

/** A metric at a point in a round; null where it was not measured. */
function valueIn({ points }: MeasuredSweep['rounds'][number], point: string, metric: string): number | null {
  const values = points.find((each) => each.point === point)?.values ?? {}
  return Object.hasOwn(values, metric) ? (values[metric] ?? null) : null
}

/** A metric at a point in each round that measured it, in the order of the rounds. */
export const valuesOf = ({ rounds }: MeasuredSweep, point: string, metric: string): readonly number[] =>
  rounds.flatMap((round) => valueIn(round, point, metric) ?? [])

/** ln(point / versus) of a metric in each round that gave both, each above 0. */
export const effectsOf = (
  { rounds }: MeasuredSweep,
  metric: string,
  point: string,
  versus: string,
): readonly number[] =>
  rounds.flatMap((round) => {
    const value = valueIn(round, point, metric) ?? 0
    const other = valueIn(round, versus, metric) ?? 0
    return value > 0 && other > 0 ? [Math.log(value / other)] : []
  })

/** ln(throughput / latency) of a point, by round. */
export const logPowers = (
  { rounds }: MeasuredSweep,
  point: string,
  { throughput, latency }: NonNullable<MeasuredSweep['knee']>,
): ReadonlyMap<number, number> =>
  new Map(
    rounds.flatMap((each) => {
      const done = valueIn(each, point, throughput) ?? 0
      const took = valueIn(each, point, latency) ?? 0
      return done > 0 && took > 0 ? [[each.round, Math.log(done / took)] as const] : []
    }),
  )
