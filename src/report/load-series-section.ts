import { formatNs, formatNumber } from '../core/number-format.ts'
import { latencyQuantileNs } from '../measure/latency-counts.ts'
import type { LoadRun } from '../run/load-run.ts'
import { failedIn, latenciesOf, loadSamples, requestsIn, type LoadSample } from '../run/load-samples.ts'
import { heading, left, right, span, type Block } from './document.ts'
import { sparkline } from './sparkline.ts'

/** Columns that a picture may take; longer runs have several seconds in one of them. */
const widest = 60

/** The course of the load second by second, as pictures: where it stalled, and whether the rate held. */
export function seriesSection(run: LoadRun): readonly Block[] {
  const samples = loadSamples(run)
  const last = samples.reduce((most, { second }) => Math.max(most, second), -1)
  if (last < 1) return []
  const per = Math.ceil((last + 1) / widest)
  const steps = Array.from({ length: Math.ceil((last + 1) / per) }, (_, i) => ({
    fromSecond: i * per,
    samples: samples.filter(({ second }) => Math.floor(second / per) === i),
  }))
  const warmUp = steps.filter(({ samples }) => samples.every(({ isMeasured }) => !isMeasured)).length
  const rate = steps.map(({ samples }) => requestsIn(samples) / per)
  const p95 = steps.map(({ samples }) => latencyQuantileNs(latenciesOf(samples, 'response'), 0.95))
  const failed = steps.map(({ samples }) => failedIn(samples))
  const worst = worstStep(steps, p95)
  return [
    heading(
      3,
      span('Course', 'strong'),
      span(
        ` a column for every ${per === 1 ? 'second' : `${per} seconds`}, ${warmUp} of ${steps.length} are warm-up`,
      ),
    ),
    {
      kind: 'table',
      columns: [left(''), left('from 0 to the highest'), right('highest'), left('in second')],
      rows: [
        [
          span('P95'),
          span(sparkline(p95), 'strong'),
          span(worst.text),
          span(String(worst.fromSecond), 'dim'),
        ],
        [
          span('req/s'),
          span(sparkline(rate)),
          span(formatNumber(Math.max(...rate))),
          span(String(steps[rate.indexOf(Math.max(...rate))]?.fromSecond ?? 0), 'dim'),
        ],
        ...(failed.some((count) => count > 0)
          ? [
              [
                span('failed'),
                span(sparkline(failed), 'bad'),
                span(formatNumber(Math.max(...failed))),
                span(String(steps[failed.indexOf(Math.max(...failed))]?.fromSecond ?? 0), 'dim'),
              ],
            ]
          : []),
        [
          span('phase', 'dim'),
          span('·'.repeat(warmUp) + '▔'.repeat(steps.length - warmUp), 'dim'),
          span(''),
          span(''),
        ],
      ],
    },
  ]
}

function worstStep(
  steps: readonly { readonly fromSecond: number; readonly samples: readonly LoadSample[] }[],
  p95: readonly number[],
): { readonly text: string; readonly fromSecond: number } {
  const highest = Math.max(...p95.filter((value) => !Number.isNaN(value)))
  return {
    text: highest === Infinity ? 'failed' : formatNs(highest),
    fromSecond: steps[p95.indexOf(highest)]?.fromSecond ?? 0,
  }
}
