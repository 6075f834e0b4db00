import type { MeasuredSweep, SweepRun } from '../../run/sweep/sweep-run.ts'
import type { SweepCell, SweepFindings, SweepVerdict } from '../../run/sweep/sweep-verdict.ts'
import { levelOverRounds, ratioOverRounds } from '../../stats/value-over-rounds.ts'
import { judgeClaim } from '../claims/judge-parts.ts'
import { kneesOf } from './knee.ts'
import { measureSweepPart } from './measure-sweep-part.ts'
import { effectsOf, valuesOf } from './sweep-values.ts'

/** What a Run of sweeps says, from its file alone. */
export const judgeSweeps = ({ settings, sweeps }: SweepRun): SweepVerdict => ({
  sweeps: sweeps.map((sweep) => judgeSweep(sweep, settings)),
})

function judgeSweep(sweep: MeasuredSweep, { analyses, confidence }: SweepRun['settings']): SweepFindings {
  return {
    id: sweep.id,
    cells: sweep.points.flatMap((point) =>
      sweep.metrics.map((metric): SweepCell => ({
        point: point.id,
        metric: metric.id,
        level: levelOverRounds(valuesOf(sweep, point.id, metric.id), confidence),
        ratio:
          point.versus === null
            ? null
            : ratioOverRounds(effectsOf(sweep, metric.id, point.id, point.versus), confidence),
      })),
    ),
    knees: kneesOf(sweep, confidence),
    claims: sweep.claims.map((claim) =>
      judgeClaim(sweep.id, claim, (part) => measureSweepPart(sweep, part, analyses)),
    ),
  }
}
