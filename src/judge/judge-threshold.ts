import { formatDecimal, formatInteger } from '../core/number-format.ts'
import type { ThresholdVerdict } from '../run/load-verdict.ts'
import { holds, type Aggregation, type Threshold } from '../run/threshold.ts'
import { fewestSamples, observe, type LoadEvidence } from './load-evidence.ts'
import { windowsOf, worstOf } from './load-windows.ts'

type Judgement = Pick<ThresholdVerdict, 'word' | 'measured' | 'worst' | 'samples' | 'note'>

/** Length of the window that is looked at where a threshold names none. */
const ordinaryWindowSeconds = 10

/**
 * Judges one threshold over the measured phase. `invalid` when nothing matches it, or when its samples are too few
 * for its percentile (`fewestSamples`). A window that fails is a failure even if another has too few samples.
 */
export function judgeThreshold(threshold: Threshold, evidence: LoadEvidence): Judgement {
  const { op, windowSeconds } = threshold
  const samples = op === null ? evidence.samples : evidence.samples.filter((sample) => sample.op === op)
  const scoped = { ...evidence, samples }
  return windowSeconds === null
    ? judgePhase(threshold, scoped)
    : judgeWindows(threshold, windowSeconds, scoped)
}

function judgePhase(threshold: Threshold, evidence: LoadEvidence): Judgement {
  const { samples, value } = observe(threshold, evidence)
  const needed = fewestSamples(threshold)
  const worst = worstOf(
    threshold,
    ordinaryWindowSeconds,
    windowsOf(threshold, ordinaryWindowSeconds, evidence),
  )
  if (value === null || (samples === 0 && threshold.metric !== 'dropped_iterations'))
    return { word: 'invalid', measured: null, worst, samples, note: nothingMatched }
  if (samples < needed) {
    return { word: 'invalid', measured: null, worst, samples, note: tooFew(samples, needed, threshold) }
  }
  const word = holds(threshold, value) ? 'pass' : 'fail'
  return { word, measured: value, worst, samples, note: noteOn(threshold, samples, value) }
}

function judgeWindows(threshold: Threshold, seconds: number, evidence: LoadEvidence): Judgement {
  const windows = windowsOf(threshold, seconds, evidence)
  const { samples } = observe(threshold, evidence)
  const invalid = (note: string): Judgement => ({
    word: 'invalid',
    measured: null,
    worst: null,
    samples,
    note,
  })
  if (!evidence.hasSeconds) return invalid('this run knows its phases as a whole, and no windows')
  if (windows.length === 0) {
    const length = evidence.toSecond - evidence.fromSecond
    return invalid(`the measured phase of ${length} s holds no window of ${seconds} s`)
  }
  if (samples === 0) return invalid(nothingMatched)
  const worst = worstOf(threshold, seconds, windows)
  if (worst !== null && !holds(threshold, worst.measured)) {
    const note = noteOn(threshold, samples, worst.measured)
    return { word: 'fail', measured: worst.measured, worst, samples, note }
  }
  const needed = fewestSamples(threshold)
  const thinnest = windows.toSorted((a, b) => a.samples - b.samples)[0]
  if (worst === null || (thinnest !== undefined && thinnest.samples < needed)) {
    const { fromSecond, samples: found } = thinnest ?? { fromSecond: evidence.fromSecond, samples: 0 }
    return invalid(
      `seconds ${fromSecond} to ${fromSecond + seconds - 1}: ${tooFew(found, needed, threshold)}`,
    )
  }
  return { word: 'pass', measured: worst.measured, worst, samples, note: '' }
}

const nothingMatched = 'no request of the measured phase matches'

const tooFew = (samples: number, needed: number, { aggregation }: Threshold): string =>
  `${formatInteger(samples)} samples are too few for ${aggregationText(aggregation)}, which needs ${formatInteger(needed)}`

const aggregationText = (aggregation: Aggregation): string =>
  aggregation.kind === 'p' ? `p(${aggregation.percent})` : aggregation.kind

function noteOn({ unit, bound }: Threshold, samples: number, value: number): string {
  if (unit === 'ms' && value === Infinity) return 'falls among failed requests'
  if (unit === 'share' && value === 0 && bound > 0 && samples * bound < 1) {
    return `${formatInteger(samples)} requests are too few to see ${formatDecimal(bound * 100)} % of them fail`
  }
  return ''
}
