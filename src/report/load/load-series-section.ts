import { formatInteger, formatNs, formatNumber } from '../../core/number-format.ts'
import { latencyQuantileNs } from '../../stats/latency-counts.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import {
  failedIn,
  latenciesOf,
  loadSamples,
  requestsIn,
  type LoadSample,
} from '../../run/load/load-samples.ts'
import { heading, left, right, span, type Block, type Span, type Tone } from '../render/document.ts'
import { sparkline } from '../render/sparkline.ts'

/** Columns that a picture may take; longer runs have several seconds in one of them. */
const widest = 60

/** Some seconds of the load, one column of the pictures. */
interface Step {
  readonly fromSecond: number
  readonly samples: readonly LoadSample[]
}

/** The course of the load second by second, as pictures: where it stalled, and whether the rate held. */
export function seriesSection(run: LoadRun): readonly Block[] {
  const samples = loadSamples(run)
  const seconds = samples.reduce((most, { second }) => Math.max(most, second + 1), 0)
  if (seconds < 2 || run.measurement.sliceLength === 'phase') return []
  const perStep = Math.ceil(seconds / widest)
  const steps = stepsOf(samples, seconds, perStep)
  const warmUp = steps.filter(({ samples }) => samples.every(({ isMeasured }) => !isMeasured)).length
  const p95 = (step: Step): number => latencyQuantileNs(latenciesOf(step.samples, 'response'), 0.95)
  const failed = (step: Step): number => failedIn(step.samples)
  const nsText = (ns: number): string => (ns === Infinity ? 'failed' : formatNs(ns))
  return [
    heading(
      3,
      span('Course', 'strong'),
      span(`, a column for every ${perStep === 1 ? 'second' : `${perStep} seconds`}; dots are warm-up`),
    ),
    {
      kind: 'table',
      columns: [left(''), left('from 0 to the highest'), right('highest'), left('in')],
      rows: [
        picture('P95', steps, p95, nsText, 'strong'),
        picture('req/s', steps, (step) => requestsIn(step.samples) / perStep, formatNumber),
        ...(steps.some((step) => failed(step) > 0)
          ? [picture('failed', steps, failed, formatInteger, 'bad')]
          : []),
        [span(''), span('·'.repeat(warmUp) + '▔'.repeat(steps.length - warmUp), 'dim'), span(''), span('')],
      ],
    },
  ]
}

function stepsOf(samples: readonly LoadSample[], seconds: number, perStep: number): readonly Step[] {
  const steps: { fromSecond: number; samples: LoadSample[] }[] = Array.from(
    { length: Math.ceil(seconds / perStep) },
    (_, i) => ({ fromSecond: i * perStep, samples: [] }),
  )
  for (const sample of samples) steps[Math.floor(sample.second / perStep)]?.samples.push(sample)
  return steps
}

function picture(
  name: string,
  steps: readonly Step[],
  valueOf: (step: Step) => number,
  text: (value: number) => string,
  tone: Tone = 'plain',
): readonly Span[] {
  const values = steps.map(valueOf)
  const highest = Math.max(...values.filter((value) => !Number.isNaN(value)))
  return [
    span(name),
    span(sparkline(values), tone),
    span(text(highest)),
    span(`second ${steps[values.indexOf(highest)]?.fromSecond ?? 0}`, 'dim'),
  ]
}
