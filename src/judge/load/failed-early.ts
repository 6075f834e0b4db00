import type { LoadRun, LoadSlice } from '../../run/load/load-run.ts'
import { samplesOfSlices } from '../../run/load/load-samples.ts'
import { parseThreshold } from '../../run/threshold.ts'
import { judgeThreshold } from './judge-threshold.ts'
import { noDoubts } from './load-doubt.ts'

type LoadThreshold = LoadRun['thresholds'][number]

/** A load that still runs. */
export interface UnfinishedLoad {
  readonly slices: readonly LoadSlice[]
  readonly neverSent: number
  /** First second after the warm-up, and seconds that are over. */
  readonly fromSecond: number
  readonly toSecond: number
}

/** Interim analyses: thresholds are judged again and again, each time with more confidence than once at the end. */
const interimConfidence = 0.99

/**
 * The first threshold with `abortOnFail` that significantly fails by what a load has measured so far: its interval of 99 % lies
 * beyond the limit. Undefined while none does, in the warm-up, and before a threshold's `delayAbortEval`.
 */
export function failedEarly(
  thresholds: readonly LoadThreshold[],
  { slices, neverSent, fromSecond, toSecond }: UnfinishedLoad,
): LoadThreshold | undefined {
  if (toSecond <= fromSecond) return undefined
  const samples = samplesOfSlices(slices).filter(({ isMeasured, second }) => isMeasured && second < toSecond)
  const evidence = {
    samples,
    hasSeconds: true,
    fromSecond,
    toSecond,
    neverSent: new Map([['', neverSent]]),
  }
  return thresholds.find(({ metric, expression, abortAfterSeconds }) => {
    if (abortAfterSeconds === undefined || toSecond < abortAfterSeconds) return false
    const threshold = parseThreshold(metric, expression, { place: 'thresholds' })
    return judgeThreshold(threshold, evidence, noDoubts, interimConfidence).status === 'fail'
  })
}
