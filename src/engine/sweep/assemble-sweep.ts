import type { MeasuredSweep } from '../../run/sweep/sweep-run.ts'
import type { LoadedSweep } from '../../scenario/sweep/load-sweep.ts'
import { versusOf } from '../../scenario/sweep/sweep.ts'
import type { Stage } from '../../stage/stage.ts'
import { quantile, sortNumbers } from '../../stats/quantile.ts'
import type { TakenSweepRound } from './take-sweep-rounds.ts'
import type { SweepRoundResult } from './sweep-round.ts'

/** How a sweep was measured. */
interface Measured {
  readonly scale: number
  readonly seconds: number
  /** Undefined for one that is complete. */
  readonly failure: unknown
}

/** Puts the rounds of a sweep into the form of a Run. */
export function assembleSweep(
  { id, sweep, claims, fileDigest }: LoadedSweep,
  { dataDigest }: Stage,
  rounds: readonly TakenSweepRound[],
  { scale, seconds, failure }: Measured,
): MeasuredSweep {
  const versus = versusOf(sweep.points)
  return {
    id,
    title: sweep.title,
    why: sweep.why,
    fileDigest,
    dataDigest,
    scale,
    migrations: sweep.migrations ?? [],
    statistics: sweep.statistics ?? 'analyzed',
    seconds,
    fresh: sweep.fresh,
    metrics: sweep.metrics,
    points: sweep.points.map((point) => ({
      id: point.id,
      title: point.title,
      ...(point.series === undefined ? {} : { series: point.series }),
      versus: versus.get(point.id) ?? null,
    })),
    ...(sweep.knee === undefined ? {} : { knee: sweep.knee }),
    claims,
    rounds: rounds.map(({ round, result, seconds, contention }) => ({
      round,
      points: result.values,
      seconds,
      contention,
    })),
    delays: delaysOf(rounds.map(({ result }) => result)),
    servers: [...new Set(rounds.flatMap(({ result }) => result.servers))],
    complete: failure === undefined,
  }
}

/** What the proxies of all rounds added, by what was asked. */
function delaysOf(results: readonly SweepRoundResult[]): MeasuredSweep['delays'] {
  const all = results.flatMap(({ delays }) => delays)
  const asked = [...new Set(all.map(({ delayMs }) => delayMs))].toSorted((a, b) => a - b)
  return asked.flatMap((delayMs) => {
    const addedMs = sortNumbers(
      all.filter((each) => each.delayMs === delayMs).flatMap((each) => [...each.addedMs]),
    )
    if (addedMs.length === 0) return []
    return {
      delayMs,
      samples: addedMs.length,
      p50Ms: quantile(addedMs, 0.5),
      p99Ms: quantile(addedMs, 0.99),
    }
  })
}
