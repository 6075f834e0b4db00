import { plannedSeconds } from '../core/load-stages.ts'
import type { LoadRun } from './load-run.ts'

/** The part of a load that thresholds see, in seconds since the load began. */
export interface MeasuredPhase {
  /** First whole second after the warm-up. */
  readonly fromSecond: number
  /** Where the load ended: as planned, or before. */
  readonly endSecond: number
}

/** A second that is warm-up in part is left out as a whole. */
export function measuredPhase({ settings, measurement }: LoadRun): MeasuredPhase {
  const fromSecond = Math.ceil(settings.warmUpSeconds)
  const driven = Math.min(plannedSeconds(settings), measurement.seconds)
  return { fromSecond, endSecond: Math.max(fromSecond, driven) }
}

/** Share of the load that a run is, from 0 to 1: its width where it is an execution segment of k6, such as `0:1/3`. */
export function shareOfLoad({ measurement }: Pick<LoadRun, 'measurement'>): number {
  const ends = (measurement.segment ?? '0:1').split(':').map(fraction)
  const [from, to] = ends.length === 1 ? [0, ends[0]] : ends
  const share = (to ?? NaN) - (from ?? NaN)
  return share > 0 && share <= 1 ? share : 1
}

/** `1/3`, `0.5` or `25%`. */
function fraction(text: string): number {
  const [, value = '', divisor = '1'] = /^\s*([\d.]+)(?:\s*\/\s*(\d+)|\s*%)?\s*$/.exec(text) ?? []
  return value === '' ? NaN : Number(value) / (text.includes('%') ? 100 : Number(divisor))
}
