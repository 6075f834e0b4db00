import { formatInteger, formatNumber } from '../../core/number-format.ts'
import { loadConfidence, refusalText } from '../../run/load/load-quantile.ts'
import type { ThresholdVerdict } from '../../run/load/load-verdict.ts'
import { requestsIn } from '../../run/load/load-samples.ts'
import { holds, type Aggregation, type Threshold } from '../../run/threshold.ts'
import { boundsOf, dispersionFor, type Bounds } from './load-bounds.ts'
import { noDoubts, type Doubts } from './load-doubt.ts'
import { fewestSamples, percentOf, type Certainty, type LoadEvidence } from './load-evidence.ts'
import { namedWindow, stretchesOf, windowsOf, worstOf, type Window } from './load-windows.ts'

type Judgement = Omit<ThresholdVerdict, 'metric' | 'expression' | 'unit'>

/** Length of the window that is looked at where a threshold names none. */
const ordinaryWindowSeconds = 10

/**
 * Judges one threshold over the measured phase by bounds. `pass` and `fail` hold for every value within the 95 %
 * interval and whatever the doubts come to; `inconclusive` when the interval holds the limit; `invalid` when only the
 * doubts leave it open, or when no request matches.
 */
export function judgeThreshold(
  threshold: Threshold,
  evidence: LoadEvidence,
  doubts: Doubts = noDoubts,
  confidence: number = loadConfidence,
): Judgement {
  const { op, windowSeconds } = threshold
  const samples = op === null ? evidence.samples : evidence.samples.filter((sample) => sample.op === op)
  const scoped = { ...evidence, samples }
  const certainty = { dispersion: dispersionFor(threshold, scoped), confidence }
  if (requestsIn(samples) === 0 && threshold.metric !== 'dropped_iterations') {
    return { ...unmeasured, status: 'invalid', samples: 0, note: nothingMatched }
  }
  return windowSeconds === null
    ? judgePhase(threshold, scoped, certainty, doubts)
    : judgeWindows(threshold, windowSeconds, scoped, { doubts, together: confidence })
}

function judgePhase(
  threshold: Threshold,
  evidence: LoadEvidence,
  certainty: Certainty,
  doubts: Doubts,
): Judgement {
  const samples = requestsIn(evidence.samples)
  const plain = boundsOf(threshold, evidence, certainty, noDoubts)
  const status = statusFor(threshold, samples, doubts, (given, doubted) => [
    given === 'as measured'
      ? boundsAsMeasured(threshold, evidence, doubted)
      : boundsOf(threshold, evidence, certainty, doubted),
  ])
  const windows = windowsOf(threshold, ordinaryWindowSeconds, evidence, certainty)
  return {
    status,
    ...shown(threshold, plain, samples, certainty),
    worst: namedWindow(worstOf(threshold, windows), ordinaryWindowSeconds),
    samples,
    note: noteOn(threshold, plain, samples, certainty, status),
  }
}

/**
 * Every window must hold. What other seconds did says nothing of a window, so that each has the dispersion of its own
 * seconds; and the intervals of all windows hold together.
 */
function judgeWindows(
  threshold: Threshold,
  seconds: number,
  evidence: LoadEvidence,
  { doubts, together }: { readonly doubts: Doubts; readonly together: number },
): Judgement {
  const samples = requestsIn(evidence.samples)
  const invalid = (note: string): Judgement => ({ ...unmeasured, status: 'invalid', samples, note })
  if (!evidence.hasSeconds) return invalid('this run knows its phases as a whole, and no windows')
  const length = evidence.toSecond - evidence.fromSecond
  const stretches = stretchesOf(seconds, evidence)
  if (stretches.length === 0) {
    return invalid(`the measured phase of ${length} s holds no window of ${seconds} s`)
  }
  const apart = Math.ceil(length / seconds)
  const confidence = 1 - (1 - together) / apart
  const windows = stretches.map((stretch): JudgedWindow => {
    const certainty = { dispersion: dispersionFor(threshold, stretch), confidence }
    const bounds = boundsOf(threshold, stretch, certainty, noDoubts)
    const samples = requestsIn(stretch.samples)
    return { fromSecond: stretch.fromSecond, samples, value: bounds.value, stretch, certainty, bounds }
  })
  const thinnest = windows.reduce((least, window) => (window.samples < least.samples ? window : least))
  const status = statusFor(threshold, thinnest.samples, doubts, (given, doubted) =>
    windows.map(({ stretch, certainty }) =>
      given === 'as measured'
        ? boundsAsMeasured(threshold, stretch, doubted)
        : boundsOf(threshold, stretch, certainty, doubted),
    ),
  )
  const worst = worstOf(threshold, windows)
  const needed = fewestSamples(threshold)
  const few = `seconds ${thinnest.fromSecond} to ${thinnest.fromSecond + seconds - 1}: ${tooFew(thinnest.samples, needed, threshold)}`
  if (worst === null) return { ...unmeasured, status, samples, note: few }
  const { bounds, certainty } = worst
  return {
    status,
    ...shown(threshold, bounds, worst.samples, certainty),
    worst: namedWindow(worst, seconds),
    samples,
    note:
      status === 'inconclusive' && thinnest.samples < needed
        ? few
        : noteOn(threshold, bounds, worst.samples, certainty, status),
  }
}

/** A window with what it is judged by. */
interface JudgedWindow extends Window {
  readonly stretch: LoadEvidence
  readonly certainty: Certainty
  readonly bounds: Bounds
}

/**
 * The status for bounds of one stretch or of several. What sampling leaves open is `inconclusive`, because a longer load
 * settles it; unless the doubts alone would leave it open, however long the load: then the sender must be fixed first.
 */
function statusFor(
  threshold: Threshold,
  samples: number,
  doubts: Doubts,
  bounds: (given: 'within intervals' | 'as measured', doubted: Doubts) => readonly Bounds[],
): Judgement['status'] {
  const answered = answerOfAll(threshold, bounds('within intervals', doubts))
  if (answered !== null) return answered
  if (doubts === noDoubts || samples < fewestSamples(threshold)) return 'inconclusive'
  const doubtsAlone =
    answerOfAll(threshold, bounds('as measured', doubts)) === null &&
    answerOfAll(threshold, bounds('as measured', noDoubts)) !== null
  return doubtsAlone || answerOfAll(threshold, bounds('within intervals', noDoubts)) !== null
    ? 'invalid'
    : 'inconclusive'
}

/** Bounds that hold the doubts alone, as if what was measured were exact. */
const boundsAsMeasured = (threshold: Threshold, evidence: LoadEvidence, doubts: Doubts): Bounds =>
  boundsOf(
    threshold,
    evidence,
    { dispersion: { kind: 'refused', factor: 1, reason: 'few windows' }, confidence: 0 },
    doubts,
  )

/** The status for every value between the bounds; null when they hold both. */
function answer(threshold: Threshold, { value, low, high, judgedHigh }: Bounds): 'pass' | 'fail' | null {
  if (value === null) return threshold.unit === 'ms' || threshold.unit === 'share' ? null : 'pass'
  if (['==', '===', '!='].includes(threshold.operator)) return holds(threshold, value) ? 'pass' : 'fail'
  const [atLow, atHigh] = [holds(threshold, low), holds(threshold, judgedHigh ?? high)]
  return atLow === atHigh ? (atLow ? 'pass' : 'fail') : null
}

const unmeasured = { measured: null, interval: null, worst: null } as const
const nothingMatched = 'no request of the measured phase matches'

/** One window that fails is a failure; all must pass. */
function answerOfAll(threshold: Threshold, windows: readonly Bounds[]): 'pass' | 'fail' | null {
  const answers = windows.map((bounds) => answer(threshold, bounds))
  if (answers.includes('fail')) return 'fail'
  return answers.every((each) => each === 'pass') ? 'pass' : null
}

/** What a reader sees of bounds: nothing that too few samples or too few seconds stand behind. */
function shown(
  threshold: Threshold,
  { value, low, high }: Bounds,
  samples: number,
  { dispersion }: Certainty,
): Pick<Judgement, 'measured' | 'interval'> {
  const isSampled = isEstimate(threshold)
  const isExact = threshold.unit === 'count' || threshold.unit === 'per second'
  return {
    measured: value === null || samples < fewestSamples(threshold) ? null : value,
    interval:
      value === null || (isSampled && dispersion.kind === 'refused') || (!isSampled && !isExact)
        ? null
        : { low, high },
  }
}

/** True for what a longer load would estimate better; counts are what they are, and so are the ends of what was measured. */
const isEstimate = ({ unit, aggregation }: Threshold): boolean =>
  unit === 'share' || (unit === 'ms' && (aggregation.kind === 'avg' || (percentOf(aggregation) ?? 100) < 100))

const tooFew = (samples: number, needed: number, { aggregation }: Threshold): string =>
  `${formatInteger(samples)} ${samples === 1 ? 'sample is' : 'samples are'} too few for ${aggregationText(aggregation)}, which needs ${formatInteger(needed)}`

const aggregationText = (aggregation: Aggregation): string =>
  aggregation.kind === 'p' ? `p(${aggregation.percent})` : aggregation.kind

function noteOn(
  threshold: Threshold,
  { value, high }: Bounds,
  samples: number,
  { dispersion, confidence }: Certainty,
  status: Judgement['status'],
): string {
  const { unit, bound } = threshold
  const needed = fewestSamples(threshold)
  if (status === 'inconclusive' && samples < needed) return tooFew(samples, needed, threshold)
  if (unit === 'ms' && value === Infinity) return 'falls among failed requests'
  const parts = [
    ...(isEstimate(threshold) && dispersion.kind === 'refused' ? [refusalText(dispersion.reason)] : []),
    ...(status === 'inconclusive' && unit === 'ms' && high === Infinity
      ? [unboundedText(threshold, samples, fewestToBound(threshold, dispersion.factor, confidence))]
      : status === 'inconclusive'
        ? ['the limit is within its bounds: use a longer --duration']
        : []),
    ...(unit === 'share' && value === 0 && high >= bound && bound > 0
      ? [
          `none of ${formatInteger(samples)} failed, which shows only that fewer than ${formatNumber(high * 100)} % do`,
        ]
      : []),
  ]
  return parts.join('; ')
}

/** Why nothing bounds a percentile from above: too few samples, or failed requests where the bound would be. */
function unboundedText({ aggregation }: Threshold, samples: number, needed: number): string {
  const percentile = aggregationText(aggregation)
  return samples < needed
    ? `${formatInteger(samples)} samples do not bound ${percentile} from above; about ${formatInteger(needed)} do`
    : `the upper bound of ${percentile} falls among failed requests: use a longer --duration`
}

/** Samples of which the largest bounds a percentile from above. */
const fewestToBound = ({ aggregation }: Threshold, factor: number, confidence: number): number =>
  Math.ceil((factor * Math.log((1 - confidence) / 2)) / Math.log((percentOf(aggregation) ?? 100) / 100))
